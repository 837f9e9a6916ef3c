package io.github.controlnet.exception;

import java.util.Locale;

/**
 * The chapters of the project's page {@code TROUBLESHOOTING.md}. Messages about what many people
 * meet end with a link to their chapter.
 */
public enum Help {
  /** An annotator, sampler, engine or the pipeline itself is not on the class path. */
  NOT_ON_THE_CLASS_PATH,
  /** A plugin throws or returns what it must not. */
  BROKEN_PLUGIN,
  /** Weights that are fetched apart are not there. */
  MISSING_WEIGHTS,
  /** The hub refuses a repository, or does not have it. */
  HUB_REFUSES,
  /** The hub cannot be reached. */
  NO_NETWORK,
  /** There is no room for a download. */
  NO_ROOM_ON_THE_DISK,
  /** Two models do not belong together. */
  MODELS_DO_NOT_FIT,
  /** A pickle names what could run code. */
  REFUSED_PICKLE,
  /** A file holds weights of a kind that is not read. */
  WEIGHTS_ARE_NOT_READ,
  /** An image is of a kind that is not read. */
  IMAGE_IS_NOT_READ,
  /** A generation needs more memory than there is. */
  NOT_ENOUGH_MEMORY,
  /** Numbers grew without bound. */
  NOT_FINITE,
  /** PyTorch's library is missing or of another platform. */
  NATIVE_LIBRARY;

  /**
   * Returns where the chapter is.
   *
   * @return the page's name and the chapter's anchor
   */
  public String link() {
    return "TROUBLESHOOTING.md#" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Ends a message with the link.
   *
   * @param message whole sentences
   * @return the message and where more is said
   */
  public String after(String message) {
    return message + " (" + link() + ")";
  }
}
