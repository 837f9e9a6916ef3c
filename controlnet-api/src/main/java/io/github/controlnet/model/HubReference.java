package io.github.controlnet.model;

import io.github.controlnet.internal.Values;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Names a model on the Hugging Face hub. Making one fetches nothing.
 *
 * @param repository {@code org/name}
 * @param file one file of the repository, such as {@code folder/model.safetensors}; empty for what
 *     a loader needs of a diffusers repository
 * @param revision a branch, a tag or a commit's 40 hexadecimal digits; {@code main} when nothing
 *     else was said
 */
public record HubReference(String repository, Optional<String> file, String revision) {
  /** The revision when none is named. */
  public static final String MAIN = "main";

  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,95}");
  private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}");

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when one of them is no name on a hub, or would lead out of a
   *     folder
   */
  public HubReference {
    List<String> parts = List.of(Values.nonNull(repository, "the repository").split("/", -1));
    if (parts.size() != 2
        || !parts.stream().allMatch(part -> SEGMENT.matcher(part).matches())
        || repository.contains("..")
        || repository.contains("--")) {
      throw new IllegalArgumentException(
          "\"%s\" is no repository of a hub; expected org/name, such as lllyasviel/sd-controlnet-canny."
              .formatted(repository));
    }
    Values.nonNull(file, "the file").ifPresent(HubReference::checkFile);
    if (!REVISION.matcher(Values.nonNull(revision, "the revision")).matches()
        || revision.contains("..")
        || revision.contains("//")
        || revision.endsWith("/")) {
      throw new IllegalArgumentException(
          "\"%s\" is no revision; expected a branch, a tag or a commit's 40 hexadecimal digits."
              .formatted(revision));
    }
  }

  /**
   * Reads an id.
   *
   * @param id {@code org/name}, or {@code org/name/path/file} for one file, or a name of {@link
   *     PublishedModels}; {@code @revision} behind it pins the revision
   * @return the reference, at the revision {@code main} unless the id names another
   * @throws IllegalArgumentException when it is no id
   */
  public static HubReference of(String id) {
    int at = Values.nonNull(id, "the model's id").lastIndexOf('@');
    String whole = at < 0 ? id : id.substring(0, at);
    Optional<HubReference> published = PublishedModels.find(whole);
    if (published.isPresent()) {
      return at < 0 ? published.get() : published.get().withRevision(id.substring(at + 1));
    }
    String[] parts = whole.split("/", 3);
    if (parts.length < 2) {
      throw new IllegalArgumentException(
          "\"%s\" is no id of a hub; expected org/name, org/name/file for one file, or the name of a published model such as control_v11p_sd15_canny."
              .formatted(id));
    }
    return new HubReference(
        parts[0] + "/" + parts[1],
        parts.length == 3 ? Optional.of(parts[2]) : Optional.empty(),
        at < 0 ? MAIN : id.substring(at + 1));
  }

  /**
   * Pins the revision.
   *
   * @param other a branch, a tag or a commit's 40 hexadecimal digits
   * @return a new value
   */
  public HubReference withRevision(String other) {
    return new HubReference(repository, file, other);
  }

  /**
   * Names one file of the repository.
   *
   * @param path its path in the repository, with {@code /}
   * @return a new value
   */
  public HubReference withFile(String path) {
    return new HubReference(
        repository, Optional.of(Values.nonNull(path, "the file's path")), revision);
  }

  private static void checkFile(String file) {
    boolean control = file.chars().anyMatch(c -> c < 0x20 || c == 0x7f);
    boolean leadsOut =
        List.of(file.split("/", -1)).stream()
            .anyMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    if (control || leadsOut || file.contains("\\") || file.contains(":")) {
      throw new IllegalArgumentException(
          "\"%s\" is no file of a repository; expected a path inside it, such as unet/config.json."
              .formatted(file));
    }
  }

  /** Returns the id, and the revision behind an @ when it is not {@code main}. */
  @Override
  public String toString() {
    return repository
        + file.map(path -> "/" + path).orElse("")
        + (revision.equals(MAIN) ? "" : "@" + revision);
  }
}
