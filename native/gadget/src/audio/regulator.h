/*
 * Holds a latency at its target by steering a clock: the slow part of the job. (What is suddenly far too much is
 * dropped, see backlog.h.) A proportional-integral regulator on the smoothed latency, in parts per million of rate;
 * the integral is the drift of the two clocks, and outlives interruptions.
 */
#ifndef CROSSPOINT_REGULATOR_H
#define CROSSPOINT_REGULATOR_H

#include <stdbool.h>

#define REGULATOR_PPM_MAX 1000.0
#define REGULATOR_DRIFT_MAX 600.0

struct regulator {
	double target_ms;
	double smooth_ms; /* negative: not known yet */
	double drift_ppm, output_ppm;
	double quiet_s; /* how long to wait before learning again */
};

void regulator_init(struct regulator *r, double target_ms);
/* The path was interrupted (stall, drop, restart): what was measured before says nothing about now. */
void regulator_interrupted(struct regulator *r);
/*
 * A measurement, `elapsed_s` after the one before. Returns by how many ppm what flows in should be slowed down (positive:
 * there is too much).
 */
double regulator_update(struct regulator *r, double latency_ms, double elapsed_s);

#endif
