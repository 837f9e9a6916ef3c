package io.github.controlnet.core.export;

import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A file or folder that appears whole or not at all: it is written under a temporary name beside
 * the target, then moved. What was begun is deleted when it fails, and also when the JVM ends.
 */
final class AtomicOutput {
  private AtomicOutput() {}

  /** Writes the content under the name that it is given. */
  interface Content {
    void write(Path temporary) throws IOException;
  }

  /**
   * Writes a file.
   *
   * @param target its name; its folder is made when it is missing
   * @param overwrite whether a file of that name is replaced
   * @param bytes how much it will hold, to refuse at once where there is no room
   * @param content makes the file
   */
  static void file(Path target, boolean overwrite, long bytes, Content content) {
    requireFileAllowed(target, overwrite);
    write(target, overwrite, bytes, content);
  }

  /**
   * Writes a folder of files. One that is there already is kept, and gets them one by one, each of
   * them whole.
   *
   * @param target its name; its parent is made when it is missing
   * @param overwrite whether files may be put into a folder that holds others
   * @param bytes how much it will hold, to refuse at once where there is no room
   * @param content makes the files in the folder that it is given, which exists
   */
  static void folder(Path target, boolean overwrite, long bytes, Content content) {
    requireFolderAllowed(target, overwrite);
    try {
      if (Files.isDirectory(target) && !isEmpty(target)) {
        content.write(target);
        return;
      }
    } catch (IOException e) {
      throw cannotWrite(target, e);
    }
    write(
        target,
        false,
        bytes,
        temporary -> {
          Files.createDirectory(temporary);
          content.write(temporary);
          Files.deleteIfExists(target);
        });
  }

  /** Refuses a file name that is taken. */
  static void requireFileAllowed(Path target, boolean overwrite) {
    if (Files.isDirectory(target)) {
      throw new WeightsException(
          "%s is a folder; expected the name of a file to write.".formatted(target));
    }
    if (!overwrite && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw taken(target);
    }
  }

  /** Refuses a folder's name that is taken; an empty folder is free. */
  static void requireFolderAllowed(Path target, boolean overwrite) {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(target)) {
      throw new WeightsException(
          "%s is a file; expected the name of a folder to write.".formatted(target));
    }
    try {
      if (!overwrite && Files.isDirectory(target) && !isEmpty(target)) {
        throw taken(target);
      }
    } catch (IOException e) {
      throw cannotWrite(target, e);
    }
  }

  private static WeightsException taken(Path target) {
    return new WeightsException(
        "%s exists already. Choose another name, or allow that it is replaced.".formatted(target));
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  private static void write(Path target, boolean overwrite, long bytes, Content content) {
    Path folder = target.toAbsolutePath().normalize().getParent();
    if (folder == null) {
      throw new WeightsException("\"%s\" cannot be written: it names no file.".formatted(target));
    }
    Path temporary =
        folder.resolve(
            ".%s.%d-%d.tmp"
                .formatted(
                    target.toAbsolutePath().normalize().getFileName(),
                    ProcessHandle.current().pid(),
                    System.nanoTime()));
    Thread cleaner = new Thread(() -> discard(temporary));
    try {
      Files.createDirectories(folder);
      requireRoom(target, folder, bytes);
      Runtime.getRuntime().addShutdownHook(cleaner);
      content.write(temporary);
      move(temporary, target, overwrite);
    } catch (IOException e) {
      discard(temporary);
      throw cannotWrite(target, e);
    } catch (Throwable e) {
      discard(temporary);
      throw e;
    } finally {
      forget(cleaner);
    }
  }

  private static void requireRoom(Path target, Path folder, long bytes) throws IOException {
    FileStore store = Files.getFileStore(folder);
    long room = store.getUsableSpace();
    // some network file systems do not know their size
    if (store.getTotalSpace() > 0 && room < bytes) {
      throw new WeightsException(
          "%s cannot be written: it needs %,d bytes, the disk has %,d left. Make room or choose another place."
              .formatted(target, bytes, room));
    }
  }

  private static void move(Path temporary, Path target, boolean overwrite) throws IOException {
    if (!overwrite) {
      Files.move(temporary, target);
      return;
    }
    try {
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void discard(Path temporary) {
    if (!Files.exists(temporary, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(temporary)) {
      List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // What made the writing fail is reported; a rest under a temporary name does no harm.
      return;
    }
  }

  private static void forget(Thread cleaner) {
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException e) {
      // The JVM is ending; the hook runs and finds nothing, or what is left.
      return;
    }
  }

  static ControlNetException cannotWrite(Path target, IOException cause) {
    if (cause instanceof ClosedByInterruptException) {
      Thread.currentThread().interrupt();
      return new GenerationCancelledException(
          "Writing %s was cancelled by an interrupt.".formatted(target), cause);
    }
    return new WeightsException(
        "%s cannot be written: %s. Nothing was changed there; choose another place or make room."
            .formatted(target, reason(cause)),
        cause);
  }

  private static String reason(IOException cause) {
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (cause instanceof FileAlreadyExistsException exists) {
      return exists.getFile() + " is in the way";
    }
    if (cause instanceof FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
