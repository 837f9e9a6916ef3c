package io.github.controlnet.core.hub;

import io.github.controlnet.exception.Help;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.HubReference;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** Where the files of one repository are in the cache; the layout is the package's description. */
final class HubCache {
  private static final int DEEPEST = 8;

  private final Path root;
  private final Path repository;
  private final boolean links;

  HubCache(Path root, HubReference reference) {
    this(root, reference, true);
  }

  /**
   * Makes the view on one repository.
   *
   * @param links false where symbolic links are not to be tried
   */
  HubCache(Path root, HubReference reference, boolean links) {
    this.root = root;
    this.repository = root.resolve(folderName(reference));
    this.links = links;
  }

  private static String folderName(HubReference reference) {
    return "models--" + reference.repository().replace("/", "--");
  }

  Path blobs() {
    return repository.resolve("blobs");
  }

  Path blob(String etag) {
    return blobs().resolve(etag);
  }

  Path incomplete(String etag) {
    return blobs().resolve(etag + ".incomplete");
  }

  Path lock(String etag) {
    return root.resolve(".locks")
        .resolve(String.valueOf(repository.getFileName()))
        .resolve(etag + ".lock");
  }

  Path snapshot(String commit) {
    return repository.resolve("snapshots").resolve(commit);
  }

  /** Returns the commit that a revision was last seen at. */
  Optional<String> commit(String revision) throws IOException {
    if (Revision.isCommit(revision)) {
      return Optional.of(revision);
    }
    Path ref = repository.resolve("refs").resolve(revision);
    return Files.isRegularFile(ref)
        ? Optional.of(Files.readString(ref).strip()).filter(Revision::isCommit)
        : Optional.empty();
  }

  /** Notes the commit that a revision is at. */
  void remember(String revision, String commit) throws IOException {
    if (!Revision.isCommit(revision)) {
      Path ref = repository.resolve("refs").resolve(revision);
      Path folder = folder(ref);
      Files.createDirectories(folder);
      Path temporary = temporary(ref);
      Files.writeString(temporary, commit);
      move(temporary, ref);
    }
  }

  /** Returns the files that a snapshot has, with / in their paths. */
  List<String> files(String commit) throws IOException {
    Path folder = snapshot(commit);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder, DEEPEST)) {
      // isRegularFile follows links, so that a link to a blob that is gone does not count
      return all.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  /** Puts a complete blob under its file's name into the snapshot. */
  void publish(String commit, RemoteFile file) throws IOException {
    Path place = snapshot(commit).resolve(file.name());
    if (Files.isRegularFile(place)) {
      return;
    }
    Path folder = folder(place);
    Files.createDirectories(folder);
    if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      // a link to a blob that was deleted and is now fetched again under another name
      Files.delete(place);
    }
    Path blob = blob(file.etag());
    if (links) {
      try {
        Files.createSymbolicLink(place, folder.relativize(blob.toAbsolutePath()));
        return;
      } catch (FileAlreadyExistsException e) {
        // somebody else was quicker
        return;
      } catch (UnsupportedOperationException | IOException | SecurityException e) {
        copy(blob, place);
        return;
      }
    }
    copy(blob, place);
  }

  private static void copy(Path blob, Path place) throws IOException {
    Path temporary = temporary(place);
    try {
      Files.copy(blob, temporary, StandardCopyOption.REPLACE_EXISTING);
      move(temporary, place);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  static Path folder(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent());
  }

  /** A name nobody else has; unlike the JDK's temporary files readable to whom the umask says. */
  private static Path temporary(Path file) {
    return file.resolveSibling("." + UUID.randomUUID() + ".tmp");
  }

  static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Says that the disk has no room, before anything is fetched. */
  void requireSpace(long bytes) throws IOException {
    Files.createDirectories(blobs());
    long free = Files.getFileStore(blobs()).getUsableSpace();
    if (bytes > free) {
      throw new WeightsException(
          Help.NO_ROOM_ON_THE_DISK.after(
              "There is no room in %s: the download needs %s, and %s are free. Make room, or set HF_HUB_CACHE to a folder on another disk."
                  .formatted(root, Sizes.text(bytes), Sizes.text(free))));
    }
  }
}
