package io.github.controlnet.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipFile;

/** The jars and folders that the variable {@code CONTROLNET_PLUGINS} adds to the class path. */
final class PluginPath {
  static final String VARIABLE = "CONTROLNET_PLUGINS";

  private PluginPath() {}

  /** Says what the JVM would pass over in silence: entries that are missing or no jars. */
  static List<String> problems(String value) {
    List<String> problems = new ArrayList<>();
    for (String entry : value.split(File.pathSeparator, -1)) {
      if (!entry.isBlank()) {
        String problem = problem(entry);
        if (!problem.isEmpty()) {
          problems.add(
              "controlnet: %s names %s, which %s; its plugins are left out."
                  .formatted(VARIABLE, Printable.of(entry), problem));
        }
      }
    }
    return problems;
  }

  private static String problem(String entry) {
    boolean every = entry.equals("*") || entry.endsWith("/*") || entry.endsWith("\\*");
    Path path;
    try {
      path = Path.of(every ? entry.substring(0, entry.length() - 1) : entry);
    } catch (InvalidPathException e) {
      return "is no path";
    }
    if (every) {
      return Files.isDirectory(path) ? "" : "is no folder of jars";
    }
    if (!Files.exists(path)) {
      return "is not there (looked in %s)".formatted(Path.of("").toAbsolutePath());
    }
    if (Files.isDirectory(path)) {
      return "";
    }
    try (ZipFile jar = new ZipFile(path.toFile())) {
      return jar.size() == 0 ? "is an empty jar" : "";
    } catch (IOException e) {
      return "is no jar (%s)".formatted(Printable.of(String.valueOf(e.getMessage())));
    }
  }
}
