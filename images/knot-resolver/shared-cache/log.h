/* To kresd's own log. */
#pragma once
#include <stdio.h>

#define log_notice(...) \
	do { \
		fputs("[shared] ", stdout); \
		printf(__VA_ARGS__); \
		putchar('\n'); \
		fflush(stdout); \
	} while (0)
