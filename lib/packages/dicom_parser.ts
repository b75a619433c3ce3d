/** DICOM's elements. Small, tolerant of what scanners write, and without pixels, which are ours. */

export { default } from "npm:dicom-parser@1.8.21";
