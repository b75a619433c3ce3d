/** Serves files over HTTP, with the answers that a download needs to continue. */

/** A file to serve, and how the server behaves. */
export interface ServedFile {
  readonly content: Uint8Array<ArrayBuffer>;
  /** Name of the content; a hash in real servers. */
  readonly tag: string;
  /** Bytes after which connections break; never by default. */
  readonly breaksAfter?: number;
}

/** A server that runs until it is disposed of. */
export interface FileServer extends AsyncDisposable {
  /** Address of the folder of the files, with a slash at its end. */
  readonly address: string;
  /** The files by name, which may be changed. */
  readonly files: Map<string, ServedFile>;
  /** The ranges that were asked for, "" for whole files. */
  readonly ranges: string[];
}

/** Starts a server on a free port of this machine. */
export function serveFiles(): FileServer {
  const files = new Map<string, ServedFile>();
  const ranges: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const file = files.get(new URL(request.url).pathname.slice(1));
    if (!file) return new Response("missing", { status: 404 });
    ranges.push(request.headers.get("range") ?? "");
    return answer(file, request);
  });
  server.unref(); // It does not keep the process alive.
  return {
    address: `http://127.0.0.1:${server.addr.port}/`,
    files,
    ranges,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function answer({ content, tag, breaksAfter }: ServedFile, { headers }: Request): Response {
  const found = /^bytes=(\d+)-$/.exec(headers.get("range") ?? "");
  const start = found && headers.get("if-range") === tag ? Number(found[1]) : 0;
  const rest = content.subarray(start);
  const common = { etag: tag, "content-length": `${rest.length}` };
  const init = start > 0
    ? {
      status: 206,
      headers: {
        ...common,
        "content-range": `bytes ${start}-${content.length - 1}/${content.length}`,
      },
    }
    : { headers: common };
  if (breaksAfter === undefined || rest.length <= breaksAfter) return new Response(rest, init);
  let sent = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent) return controller.error(new Error("the line is cut"));
      sent = true;
      controller.enqueue(rest.subarray(0, breaksAfter));
    },
  }, { highWaterMark: 0 });
  return new Response(body, init);
}
