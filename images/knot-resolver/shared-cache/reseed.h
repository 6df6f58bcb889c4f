/* A Redis that has been emptied, or that could not be given all, gets from here what it lacks. */
#pragma once

/* To be called some times a second. */
void reseed_tick(void);

/* The connection is gone. */
void reseed_abandon(void);
