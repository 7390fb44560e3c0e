// What the desktop is told about Crosspoint: one place for every kind of package.

export const APP_ID = 'dev.crosspoint.app';
/** Of the package, its program, its desktop entry and its icons. `crosspoint` alone is the command line. */
export const EXECUTABLE = 'crosspoint-desktop';
export const SUMMARY = 'Routes cameras, microphones and speakers';

/** Files with a scene: `electron/contract/scene-file.ts`. */
export const SCENE_FILE = {
  extension: 'crosspoint-scene',
  type: 'application/vnd.crosspoint.scene+json',
  name: 'Crosspoint scene',
};

/** Desktop Entry Specification 1.5; keys beside Exec and Icon, which differ by the kind of package. */
export const ENTRY = {
  Name: 'Crosspoint',
  GenericName: 'Audio and video routing',
  Comment: `${SUMMARY} to computers on which nothing can be installed`,
  Keywords: 'camera;microphone;webcam;routing;matrix;streaming;',
  StartupNotify: 'true',
  StartupWMClass: EXECUTABLE,
};

const CATEGORIES = 'AudioVideo;Audio;Video;';

/** @returns {string} the desktop entry of an installed package */
export const desktopEntry = () =>
  [
    '[Desktop Entry]',
    'Type=Application',
    ...Object.entries(ENTRY).map(([key, value]) => `${key}=${value}`),
    `Exec=${EXECUTABLE} %F`,
    `Icon=${EXECUTABLE}`,
    'Terminal=false',
    `Categories=${CATEGORIES}`,
    `MimeType=${SCENE_FILE.type};`,
    '',
  ].join('\n');

/** @returns {string} shared-mime-info specification */
export const mimePackage = () => `<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="${SCENE_FILE.type}">
    <comment>${SCENE_FILE.name}</comment>
    <sub-class-of type="application/json"/>
    <icon name="${EXECUTABLE}"/>
    <glob pattern="*.${SCENE_FILE.extension}"/>
  </mime-type>
</mime-info>
`;

/**
 * What software centres show: AppStream specification.
 * @param {{ version: string, epoch: number }} release
 */
export const metainfo = ({ version, epoch }) => `<?xml version="1.0" encoding="UTF-8"?>
<component type="desktop-application">
  <id>${APP_ID}</id>
  <metadata_license>CC0-1.0</metadata_license>
  <project_license>MIT</project_license>
  <name>Crosspoint</name>
  <summary>${SUMMARY} to other computers</summary>
  <developer id="dev.crosspoint">
    <name>The authors of Crosspoint</name>
  </developer>
  <description>
    <p>
      Gives computers, on which nothing can be installed, an ordinary USB webcam with microphone and speaker: Raspberry
      Pis in USB gadget mode, fed over the network by this application.
    </p>
    <ul>
      <li>One matrix says who sees which camera and who hears whom, with a gain for every crosspoint</li>
      <li>Cameras, screens, network cameras, OBS and phones as sources; one switch mutes everything</li>
      <li>Scenes, groups, talk-over, echo cancelling, and a log of what happened</li>
    </ul>
  </description>
  <launchable type="desktop-id">${EXECUTABLE}.desktop</launchable>
  <icon type="stock">${EXECUTABLE}</icon>
  <categories>
    <category>AudioVideo</category>
    <category>Audio</category>
    <category>Video</category>
  </categories>
  <provides>
    <binary>${EXECUTABLE}</binary>
    <mediatype>${SCENE_FILE.type}</mediatype>
  </provides>
  <content_rating type="oars-1.1"/>
  <releases>
    <release version="${version}" date="${new Date(epoch * 1000).toISOString().slice(0, 10)}"/>
  </releases>
</component>
`;
