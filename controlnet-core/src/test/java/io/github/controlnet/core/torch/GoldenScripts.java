package io.github.controlnet.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Compares scripts with what was written before: {@code golden/NAME.sha256} has the checksum of
 * every method of every script, {@code golden/NAME.txt.gz} the whole text of some.
 *
 * <p>With {@code -Dgolden.update=true} both are written anew, and the tests fail once so that
 * nobody forgets to look at the difference. With {@code -Dgolden.texts=FOLDER} the texts of all
 * scripts are written there, a file each.
 */
public final class GoldenScripts {
  private static final Path RESOURCES = Path.of("src", "test", "resources", "golden");
  private static final int DIGITS = 16;

  private GoldenScripts() {}

  /**
   * Compares.
   *
   * @param name of the files
   * @param scripts their text by name
   * @param whole the names of those whose text is stored
   */
  public static void compare(String name, Map<String, String> scripts, List<String> whole) {
    List<String> sums = new ArrayList<>();
    scripts.forEach(
        (script, text) ->
            methods(text)
                .forEach((method, body) -> sums.add(script + " " + method + " " + sum(body))));
    StringBuilder texts = new StringBuilder();
    whole.forEach(
        script ->
            texts
                .append("# ")
                .append(script)
                .append('\n')
                .append(Objects.requireNonNull(scripts.get(script), script)));
    String folder = System.getProperty("golden.texts", "");
    try {
      if (!folder.isEmpty()) {
        for (Map.Entry<String, String> script : scripts.entrySet()) {
          Files.writeString(
              Files.createDirectories(Path.of(folder)).resolve(script.getKey() + ".py"),
              script.getValue());
        }
      }
      if (Boolean.getBoolean("golden.update")) {
        write(RESOURCES.resolve(name + ".sha256"), String.join("\n", sums) + "\n", false);
        write(RESOURCES.resolve(name + ".txt.gz"), texts.toString(), true);
        throw new AssertionError("Golden texts were written anew; look at what changed.");
      }
      assertThat(texts.toString().lines().toList())
          .as("the text of %s", whole)
          .isEqualTo(read(name + ".txt.gz", true));
      assertThat(sums).isEqualTo(read(name + ".sha256", false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> methods(String text) {
    Map<String, String> methods = new LinkedHashMap<>();
    for (String method : text.split("(?m)^ {2}(?=def )", -1)) {
      methods.put(method.replaceFirst("(?s)^(?:def )?(\\w+).*", "$1"), method);
    }
    return methods;
  }

  private static String sum(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static void write(Path file, String text, boolean zipped) throws IOException {
    Files.createDirectories(RESOURCES);
    try (OutputStream plain = Files.newOutputStream(file);
        OutputStream out = zipped ? new GZIPOutputStream(plain) : plain) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static List<String> read(String name, boolean zipped) throws IOException {
    try (InputStream plain =
            Objects.requireNonNull(
                GoldenScripts.class.getResourceAsStream("/golden/" + name), name);
        InputStream in = zipped ? new GZIPInputStream(plain) : plain) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
