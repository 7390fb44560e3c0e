#include "regulator.h"

/*
 * 1 ppm changes the latency by 0.001 ms a second. Critically damped with a natural frequency of 0.04 rad/s: settled after
 * about a minute and a half, and deaf to jitter.
 */
#define PROPORTIONAL 80.0 /* ppm per ms: 2 w / 0.001 */
#define INTEGRAL 1.6      /* ppm per ms and second: w * w / 0.001 */
#define SMOOTHING_S 2.0
#define ERROR_MAX_MS 8.0 /* beyond it we would be heard */
#define SETTLE_S 2.0

static double clamp(double x, double limit)
{
	return x > limit ? limit : x < -limit ? -limit : x;
}

void regulator_init(struct regulator *r, double target_ms)
{
	*r = (struct regulator){.target_ms = target_ms, .smooth_ms = -1};
}

void regulator_interrupted(struct regulator *r)
{
	r->smooth_ms = -1;
	r->quiet_s = SETTLE_S;
	r->output_ppm = r->drift_ppm;
}

double regulator_update(struct regulator *r, double latency_ms, double elapsed_s)
{
	double error;

	if (elapsed_s <= 0)
		return r->output_ppm;
	if (elapsed_s > 1)
		elapsed_s = 1;
	if (r->smooth_ms < 0)
		r->smooth_ms = latency_ms;
	else
		r->smooth_ms += (latency_ms - r->smooth_ms) * elapsed_s / (SMOOTHING_S + elapsed_s);
	if (r->quiet_s > 0) {
		r->quiet_s -= elapsed_s;
		return r->output_ppm;
	}
	error = clamp(r->smooth_ms - r->target_ms, ERROR_MAX_MS);
	r->output_ppm = clamp(PROPORTIONAL * error + r->drift_ppm, REGULATOR_PPM_MAX);
	/* At the limit the integral would only wind up. */
	if (r->output_ppm > -REGULATOR_PPM_MAX && r->output_ppm < REGULATOR_PPM_MAX)
		r->drift_ppm = clamp(r->drift_ppm + INTEGRAL * error * elapsed_s, REGULATOR_DRIFT_MAX);
	return r->output_ppm;
}
