/*
 * Makes two clocks agree: from how much of a source waits for a destination it finds by how many ppm the destination
 * reads faster. A proportional-integral regulator with a dead band: what is near enough is left alone, so that equal
 * clocks are copied bit by bit.
 */
#ifndef CROSSPOINT_SERVO_H
#define CROSSPOINT_SERVO_H

#define SERVO_PPM_MAX 1500.0

struct servo {
	double smooth_ms; /* of the error */
	double drift_ppm; /* what the clocks differ by, as learnt so far */
	double output_ppm;
	int known; /* is smooth_ms? */
};

/* The path was interrupted: what was measured before says nothing about now. The drift is kept. */
void servo_interrupted(struct servo *s);
/* Too much by `error_ms`, `elapsed_s` after the measurement before. Returns by how many ppm to read faster. */
double servo_update(struct servo *s, double error_ms, double elapsed_s);

#endif
