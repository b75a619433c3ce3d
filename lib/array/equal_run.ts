/** Finds runs of equal elements, four bytes at a time. */

import type { SignedLabels } from "./labels.ts";

/** Returns the end of the run of equal elements that starts at `begin`. */
export type EqualRun = (begin: number, end: number) => number;

/**
 * Returns a function that finds the end of a run of equal elements, an index from `begin + 1` to
 * `end`. Long runs take at most a quarter of the time of a loop over elements.
 *
 * @param data Elements of one or two bytes.
 */
export function equalRunIn(data: SignedLabels): EqualRun {
  const perWord = 4 / data.BYTES_PER_ELEMENT;
  if (data.byteOffset % 4 !== 0) return (begin, end) => elementRun(data, data[begin], begin, end);
  const words = new Int32Array(data.buffer, data.byteOffset, Math.floor(data.length / perWord));
  const [mask, copies] = perWord === 4 ? [0xff, 0x01010101] : [0xffff, 0x00010001];
  return (begin, end) => {
    const value = data[begin];
    const firstWord = Math.ceil(begin / perWord);
    const lastWord = Math.floor(end / perWord);
    const first = elementRun(data, value, begin, Math.min(end, firstWord * perWord));
    if (first < firstWord * perWord || lastWord <= firstWord) {
      return first < end ? elementRun(data, value, first, end) : end;
    }
    const repeated = Math.imul(value & mask, copies);
    let word = firstWord;
    while (word < lastWord && words[word] === repeated) word++;
    return elementRun(data, value, word * perWord, end);
  };
}

function elementRun(data: SignedLabels, value: number, begin: number, end: number) {
  let i = begin;
  while (i < end && data[i] === value) i++;
  return i;
}
