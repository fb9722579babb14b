/* SPDX-License-Identifier: Apache-2.0 */
/* What all HTML pages of the programs share: head and style, text and numbers. */
#ifndef MILLRACE_GEN_REPORT_PAGE_H
#define MILLRACE_GEN_REPORT_PAGE_H

#include <stdint.h>
#include <stdio.h>

/* All of a page before its first heading, and behind its last section. */
void page_begin(FILE *file, const char *title);
void page_end(FILE *file);

/* Text with <, > and & written as entities. */
void write_escaped(FILE *file, const char *text);

/* 1234567 as "1,234,567" into `text`, which it returns. */
enum { GROUPED_BYTES = 32 };
const char *grouped(uint64_t number, char text[GROUPED_BYTES]);

#endif
