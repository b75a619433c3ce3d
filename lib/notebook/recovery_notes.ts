/** Says below a cell what was cleaned up after runs that were killed. */

import { describeRecovery, onRecovery } from "../platform/file_messages.ts";

onRecovery((recovery) => console.info(describeRecovery(recovery)));
