/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/report/page.h"

#include <inttypes.h>

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>millrace: ";

static const char style[] =
    "</title>\n<style>\n"
    ":root{color-scheme:light dark;--ink:#1c2328;--dim:#66727c;--ground:#eef1f3;--page:#fff;"
    "--norm:#8a6fc0;--matrix:#2f7fb8;--heads:#d08a2e;--attend:#c24f5c;--glu:#3d9a6c;--end:#999}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#dfe5e9;--dim:#93a0aa;--ground:#232b31;"
    "--page:#171c20}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);"
    "max-width:1000px;margin:2em auto;padding:0 1em}\n"
    "h1{font-size:1.5em}h2{font-size:1.2em;margin-top:2em}h3{font-size:1em}\n"
    "svg{width:100%;height:auto;font:12px system-ui,sans-serif}\n"
    "text{fill:var(--ink)}.dim{fill:var(--dim)}.end{text-anchor:end}.middle{text-anchor:middle}\n"
    ".unit{fill:var(--dim)}.ground{fill:var(--ground)}.line,.grid{stroke:var(--dim);fill:none}."
    "grid{stroke:var(--ground)}"
    "\n.roof{stroke:var(--matrix);stroke-width:2;fill:none}.point{fill:var(--attend)}"
    ".hollow{fill:var(--page);stroke:var(--attend);stroke-width:2}\n"
    "svg .norm{fill:var(--norm)}svg .matrix{fill:var(--matrix)}svg .heads{fill:var(--heads)}"
    "svg .attend{fill:var(--attend)}svg .glu{fill:var(--glu)}svg .conv{fill:var(--heads)}"
    "svg .scan{fill:var(--attend)}svg .gate,svg .rotate{fill:var(--glu)}svg "
    ".end:not(text){fill:var(--end)}\n"
    ".legend .key{width:.8em;height:.8em;margin:0 .3em 0 .8em}\n"
    "table{border-collapse:collapse}td,th{padding:.15em .8em;text-align:right;"
    "border-bottom:1px solid var(--ground);font-variant-numeric:tabular-nums}th{text-align:left}\n"
    "thead td,thead th{color:var(--dim);font-weight:normal}\n"
    ".pair{display:flex;flex-wrap:wrap;gap:.6em}.pair figure{flex:1 1 280px;margin:0}"
    ".pair img{width:100%;image-rendering:pixelated}\n</style></head><body>\n";

void page_begin(FILE *file, const char *title)
{
    fputs(head, file);
    write_escaped(file, title);
    fputs(style, file);
}

void page_end(FILE *file)
{
    fputs("</body></html>\n", file);
}

void write_escaped(FILE *file, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '&':
            fputs("&amp;", file);
            break;
        default:
            fputc(*text, file);
        }
}

const char *grouped(uint64_t number, char text[GROUPED_BYTES])
{
    char digits[GROUPED_BYTES];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, number), at = 0;

    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}
