#include "servo.h"

#include <math.h>

/*
 * 1 ppm changes what waits by 0.001 ms a second. Critically damped with a natural frequency of 0.2 rad/s: settled in
 * about 20 s, and off by 0.6 ms at most when the clocks differ by 300 ppm from the start.
 */
#define FREQUENCY 0.2
#define PROPORTIONAL (2 * FREQUENCY / 0.001)
#define INTEGRAL (FREQUENCY * FREQUENCY / 0.001)
#define SMOOTHING_S 0.5
#define DEAD_MS 0.4
#define ERROR_MAX_MS 3.0

static double clamp(double x, double limit)
{
	return x > limit ? limit : x < -limit ? -limit : x;
}

void servo_interrupted(struct servo *s)
{
	s->known = 0;
	s->output_ppm = s->drift_ppm;
}

double servo_update(struct servo *s, double error_ms, double elapsed_s)
{
	double error;

	if (elapsed_s > 1)
		elapsed_s = 1;
	if (!s->known)
		s->smooth_ms = error_ms;
	else
		s->smooth_ms += (error_ms - s->smooth_ms) * elapsed_s / (SMOOTHING_S + elapsed_s);
	s->known = 1;
	/* From the edge of the dead band on, so that nothing jumps there. */
	error = fabs(s->smooth_ms) < DEAD_MS ? 0 : s->smooth_ms - copysign(DEAD_MS, s->smooth_ms);
	error = clamp(error, ERROR_MAX_MS);
	s->output_ppm = clamp(PROPORTIONAL * error + s->drift_ppm, SERVO_PPM_MAX);
	/* At the limit the integral would only wind up. */
	if (fabs(s->output_ppm) < SERVO_PPM_MAX)
		s->drift_ppm = clamp(s->drift_ppm + INTEGRAL * error * elapsed_s, SERVO_PPM_MAX);
	return s->output_ppm;
}
