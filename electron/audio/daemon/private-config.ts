/**
 * The private PulseAudio's settings. A loopback takes about 2.5 descriptors, so the default of 256 ends at 10 × 10.
 * It ends by itself when nobody was connected for two minutes: a crashed engine that never returns leaves nothing.
 */
export const DAEMON_CONF = `daemonize = no
exit-idle-time = 120
flat-volumes = no
rlimit-nofile = 8192
default-sample-format = s16le
default-sample-rate = 48000
alternate-sample-rate = 48000
default-sample-channels = 2
default-fragments = 4
default-fragment-size-msec = 5
resample-method = speex-float-1
realtime-scheduling = yes
log-level = notice
`;

/** Its null sink is where streams end up that name no device; it is never routed and hidden by its name. */
export const START_SCRIPT = `.fail
load-module module-native-protocol-unix
load-module module-null-sink sink_name=crosspoint.idle norewinds=1 sink_properties="device.description='Crosspoint: nowhere'"
set-default-sink crosspoint.idle
load-module module-stream-restore restore_device=no
.nofail
.ifexists module-udev-detect.so
load-module module-udev-detect
.endif
`;
