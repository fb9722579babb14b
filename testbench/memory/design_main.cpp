// SPDX-License-Identifier: Apache-2.0
// The simulation of a whole design with a board's memory controller, at the board's clocks,
// and the model of its chip, which ends the simulation at the first rule that is broken.
// The link is on standard input and output; the chip holds tape.bin, if there is one, from
// the start.
//
// MEMORY_SDRAM, MEMORY_HYPERRAM or MEMORY_FLASH is defined; CORE_PERIOD and MEMORY_PERIOD are in
// picoseconds; DESIGN_x is parameter x of the module.
// The clocks stand still while the design waits for the host.
#include <memory>
#include <vector>

#include "testbench/memory/design_chip.h"
#include "testbench/memory/two_clocks.h"
#include "testbench/sim/host_stream.h"
#include "verilated.h"

namespace
{

std::vector<uint8_t> read_tape()
{
    std::vector<uint8_t> bytes(size_t{32} * DESIGN_TAPE_LINES);
    FILE *file = fopen("tape.bin", "rb");
    if (!file)
        return bytes;
    if (fread(bytes.data(), 1, bytes.size(), file) != bytes.size())
        fail("tape.bin: not the tape");
    fclose(file);
    return bytes;
}

// The link, round the edges of the core's clock.
class Link
{
  public:
    explicit Link(Design &design) : design_(design)
    {
        design.tx_ready_i = 1;
    }

    void before_edge()
    {
        if (design_.rx_ready_o && input_.empty() && open_) {
            output_.flush();
            open_ = input_.refill();
            drive();
            design_.eval();
        }
        if (design_.tx_valid_o)
            output_.push(design_.tx_data_o);
        taken_ = design_.rx_valid_i && design_.rx_ready_o;
    }

    void after_edge()
    {
        if (taken_)
            input_.pop();
        drive();
    }

    bool open() const
    {
        return open_;
    }

  private:
    void drive()
    {
        design_.rx_valid_i = !input_.empty();
        if (!input_.empty())
            design_.rx_data_i = input_.front();
    }

    Design &design_;
    HostInput input_;
    HostOutput output_;
    bool open_ = true, taken_ = false;
};

// Before the memory is ready the host is not listened to.
struct Silence {
    void before_edge()
    {
    }
    void after_edge()
    {
    }
};

template <class Core> void step(BoardClocks &clocks, Core &core, Chip &chip)
{
    clocks.step(core, chip);
    if (const std::string wrong = chip.wrong(); !wrong.empty())
        fail("the memory: " + wrong);
}

} // namespace

int main()
{
    enter_own_folder();
    VerilatedContext context;
    auto design = std::make_unique<Design>(&context);
    const std::vector<uint8_t> tape = read_tape();
    Chip chip = design_chip(*design, tape);
    BoardClocks clocks(*design, CORE_PERIOD, MEMORY_PERIOD);
    Silence silence;
    Link link(*design);

    set_reset(*design, true);
    for (unsigned i = 0; i < 64; i++)
        step(clocks, silence, chip);
    set_reset(*design, false);
    power_up(chip);
    while (design->fault_o == 1)
        step(clocks, silence, chip);
    if (design->fault_o != 0)
        fail("the memory's start-up test has failed");
    chip.fill(tape);
    while (link.open())
        step(clocks, link, chip);
    design->final();
    return 0;
}
