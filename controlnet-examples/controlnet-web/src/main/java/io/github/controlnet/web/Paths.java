package io.github.controlnet.web;

import java.io.File;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keeps the folders of this machine out of what clients are told. */
final class Paths {
  /** An absolute path of two parts at least, which no address of the interface begins. */
  private static final Pattern ABSOLUTE =
      Pattern.compile(
          "(?<![\\w:/.-])/(?!sdapi/|controlnet/|api/|internal/|actuator/)(?:[^/\\s\"',;:()<>]++/)++([^/\\s\"',;:()<>]*+)"
              + "|(?<!\\w)[A-Za-z]:[\\\\/](?:[^\\\\/\\s\"',;:()<>]++[\\\\/])*+([^\\\\/\\s\"',;:()<>]*+)");

  private Paths() {}

  /**
   * Leaves of each path its last name alone.
   *
   * @param message a sentence
   * @return the same without folders
   */
  static String withoutFolders(@Nullable String message) {
    String text = String.valueOf(message);
    // names with blanks are told from the words around them only by where the folders are known
    for (String folder :
        Stream.of("user.home", "user.dir", "java.io.tmpdir")
            .map(System::getProperty)
            .filter(Objects::nonNull)
            .filter(each -> each.length() > 1)
            .toList()) {
      text = text.replace(folder + File.separator, "/_/").replace(folder, "a folder");
    }
    Matcher path = ABSOLUTE.matcher(text);
    return path.replaceAll(
        match -> {
          String name = match.group(1) == null ? match.group(2) : match.group(1);
          return Matcher.quoteReplacement(name == null || name.isEmpty() ? "a folder" : name);
        });
  }
}
