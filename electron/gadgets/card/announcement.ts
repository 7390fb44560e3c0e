/** Where avahi looks for what to announce. */
export const ANNOUNCEMENT_FILE = '/etc/avahi/services/crosspoint-gadget.service';

/** Has a fresh Pi announced in the network, so that a box finds it. The package brings one of its own later. */
export const ANNOUNCEMENT = `<?xml version="1.0" standalone="no"?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group>
  <name replace-wildcards="yes">%h</name>
  <service>
    <type>_crosspoint-gadget._tcp</type>
    <port>22</port>
  </service>
</service-group>
`;
