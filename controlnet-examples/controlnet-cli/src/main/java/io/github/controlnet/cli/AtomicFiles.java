package io.github.controlnet.cli;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;

/** Writes whole files or none: to a temporary name in the same folder, then moved. */
final class AtomicFiles {
  private AtomicFiles() {}

  /**
   * Makes sure that files can be written to a folder, creating it when it is missing.
   *
   * @throws CommandFailure when it cannot be
   */
  static Path writableFolder(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, ".", ".tmp"));
      return folder;
    } catch (IOException | SecurityException e) {
      throw new CommandFailure(
          "Cannot write to the folder %s (%s); choose another."
              .formatted(folder, reason(e, folder)),
          e);
    }
  }

  /** Writes a file, replacing what was there. */
  static void replace(Path target, byte[] content) {
    Path folder = writableFolder(parent(target));
    Path temporary = null;
    try {
      temporary = temporary(folder, target, content);
      try {
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      discard(temporary);
      throw cannotWrite(target, e);
    }
  }

  /**
   * Writes a new file. Where a file of that name is there already with other content, a number is
   * added to the name; where it has the same content, it is left as it is.
   *
   * @param folder where
   * @param stem the name without its ending
   * @param ending such as {@code .png}
   * @return the file that holds the content
   */
  static Path create(Path folder, String stem, String ending, byte[] content) {
    Path temporary = null;
    Path target = folder.resolve(stem + ending);
    try {
      temporary = temporary(folder, target, content);
      for (int count = 2; ; count++) {
        if (!Files.exists(target)) {
          try {
            Files.move(temporary, target);
            return target;
          } catch (FileAlreadyExistsException e) {
            // Another process was faster; look at what it wrote.
          }
        }
        if (Files.isRegularFile(target)
            && Files.size(target) == content.length
            && Arrays.equals(Files.readAllBytes(target), content)) {
          discard(temporary);
          return target;
        }
        target = folder.resolve(stem + "-" + count + ending);
      }
    } catch (IOException e) {
      discard(temporary);
      throw cannotWrite(target, e);
    }
  }

  static Path parent(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new CommandFailure("\"%s\" does not name a file.".formatted(file));
    }
    return parent;
  }

  private static Path temporary(Path folder, Path target, byte[] content) throws IOException {
    Path temporary =
        folder.resolve(
            "."
                + target.getFileName()
                + "."
                + ProcessHandle.current().pid()
                + "-"
                + System.nanoTime()
                + ".tmp");
    // For the case that a second Ctrl-C ends the process while the bytes are written.
    temporary.toFile().deleteOnExit();
    Files.write(temporary, content);
    return temporary;
  }

  private static void discard(@org.jspecify.annotations.Nullable Path temporary) {
    if (temporary != null) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException e) {
        // Marked for deletion at exit; the first failure is the one to report.
        return;
      }
    }
  }

  private static CommandFailure cannotWrite(Path target, IOException cause) {
    return new CommandFailure(
        "Cannot write %s (%s).".formatted(target, reason(cause, target)), cause);
  }

  /** Says what went wrong; file system exceptions often have the bare path as their message. */
  private static String reason(Exception problem, Path path) {
    if (problem instanceof java.nio.file.AccessDeniedException) {
      return "permission denied";
    }
    if (problem instanceof FileAlreadyExistsException) {
      return "a file of that name is in the way";
    }
    if (problem instanceof java.nio.file.FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    String message = problem.getMessage();
    return message == null || message.equals(path.toString())
        ? problem.getClass().getSimpleName()
        : message;
  }
}
