/**
 * Lets a page wait for the content of its files, as only workers can: the cells of notebooks read
 * preprocessed cases, which the library does synchronously.
 */

/** The parts of `XMLHttpRequest` that are used. */
interface Request {
  readonly responseText: string;
  open(method: "GET", address: string, isAsynchronous: false): void;
  overrideMimeType(type: string): void;
  send(): void;
}

const page = globalThis as unknown as {
  readonly XMLHttpRequest: new () => Request;
  FileReaderSync?: new () => { readAsArrayBuffer(content: Blob): ArrayBuffer };
};

/** Stands in for the workers' class of the same name. */
class FileReaderSync {
  /** Reads the bytes of a blob, which is in memory or in the browser's files. */
  readAsArrayBuffer(content: Blob): ArrayBuffer {
    // Text that begins like a byte order mark would be decoded by what the mark says.
    const address = URL.createObjectURL(new Blob([" ", content]));
    try {
      const request = new page.XMLHttpRequest();
      request.open("GET", address, false);
      // Synchronous requests of pages have only text; this encoding keeps the lower eight bits.
      request.overrideMimeType("text/plain; charset=x-user-defined");
      request.send();
      const text = request.responseText;
      const bytes = new Uint8Array(text.length - 1);
      for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i + 1);
      return bytes.buffer;
    } finally {
      URL.revokeObjectURL(address);
    }
  }
}

page.FileReaderSync ??= FileReaderSync;
