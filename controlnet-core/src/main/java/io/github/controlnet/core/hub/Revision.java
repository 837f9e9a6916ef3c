package io.github.controlnet.core.hub;

import java.util.List;

/**
 * A repository as it is at a commit.
 *
 * @param commit 40 hexadecimal digits
 * @param files the paths of its files
 */
record Revision(String commit, List<String> files) {
  Revision {
    files = List.copyOf(files);
  }

  static boolean isCommit(String revision) {
    return revision.matches("[0-9a-f]{40}");
  }
}
