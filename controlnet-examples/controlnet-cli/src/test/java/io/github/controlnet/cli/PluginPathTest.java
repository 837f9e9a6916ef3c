package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What CONTROLNET_PLUGINS names and the JVM would pass over in silence. */
class PluginPathTest {
  @TempDir private Path folder;

  private Path jar() throws IOException {
    Path jar = folder.resolve("good.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out)) {
      entries.putNextEntry(new JarEntry("a"));
    }
    return jar;
  }

  @Test
  void jarsFoldersAndFoldersOfJarsAreFine() throws IOException {
    String all = String.join(File.pathSeparator, jar().toString(), folder.toString(), "");
    assertThat(PluginPath.problems(all)).isEmpty();
    assertThat(PluginPath.problems(folder + "/*")).isEmpty();
  }

  @Test
  void whatIsMissingOrNoJarIsNamed() throws IOException {
    Path text = Files.writeString(folder.resolve("text.jar"), "no zip at all");
    Path gone = folder.resolve("gone.jar");
    String all =
        String.join(
            File.pathSeparator,
            jar().toString(),
            text.toString(),
            gone.toString(),
            folder.resolve("nowhere") + "/*");
    assertThat(PluginPath.problems(all)).hasSize(3);
    assertThat(PluginPath.problems(all).get(0))
        .startsWith("controlnet: CONTROLNET_PLUGINS names " + text + ", which is no jar")
        .endsWith("its plugins are left out.");
    assertThat(PluginPath.problems(all).get(1)).contains(gone + ", which is not there");
    assertThat(PluginPath.problems(all).get(2)).contains("is no folder of jars");
  }
}
