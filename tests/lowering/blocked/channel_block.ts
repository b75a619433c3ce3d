/** Finds the channel block of this machine's processor. */

import { channelBlockNames, channelBlockOf } from "../../../lib/lowering/blocked/channel_block.ts";
import { Session } from "../../../lib/runtime/session.ts";

export function channelBlock(): Promise<number> {
  return channelBlockOf(async (model, input) => {
    const session = await Session.create(model, { threads: 1 });
    try {
      return (await session.run({ [channelBlockNames.input]: input }))[channelBlockNames.output];
    } finally {
      await session.release();
    }
  });
}
