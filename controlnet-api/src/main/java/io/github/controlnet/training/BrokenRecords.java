package io.github.controlnet.training;

/** What becomes of a record of the data that cannot be read. */
public enum BrokenRecords {
  /** The training ends and names it. */
  STOP,
  /** It is named once, and the record after it takes its place. */
  SKIP
}
