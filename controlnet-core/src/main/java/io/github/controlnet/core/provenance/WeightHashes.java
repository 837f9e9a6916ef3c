package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The SHA-256 of weights files. A file of a Hugging Face cache is named by its hash; any other is
 * read once and its hash remembered in a file of the user's cache until its size or time changes.
 * The same file tells where weights of a hash are on this machine.
 */
public final class WeightHashes {
  private static final String WEIGHTS = ".*\\.(safetensors|ckpt|pth|pt|bin)";
  private static final String TOKENIZER = "(vocab\\.json|merges\\.txt|tokenizer\\.json)";
  private static final String IN_FOLDER = "./";
  private static final int DEEPEST = 3;
  private static final long QUICK = 64 << 20;
  private static final int BUFFER = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path memory;

  /**
   * Remembers in a file.
   *
   * @param memory the file, made when it is missing; where it cannot be written, nothing is
   *     remembered
   */
  public WeightHashes(Path memory) {
    this.memory = memory;
  }

  /**
   * Remembers in the user's cache: {@code XDG_CACHE_HOME}, else {@code ~/.cache}.
   *
   * @return the hashes
   */
  public static WeightHashes ofUser() {
    String configured = System.getenv("XDG_CACHE_HOME");
    Path caches =
        configured == null || configured.isBlank()
            ? Path.of(System.getProperty("user.home", "."), ".cache")
            : Path.of(configured);
    return new WeightHashes(caches.resolve("controlnet-java").resolve("sha256.json"));
  }

  /**
   * Returns the hashes of a model's files, reading those that are not known: about a second for a
   * gigabyte.
   *
   * @param model a file, or a folder of which the weights and the tokenizer count
   * @return hashes by the file's path relative to the folder, such as {@code ./unet/model.bin}; a
   *     lone file's by its name
   * @throws UncheckedIOException when a file cannot be read
   */
  public Map<String, String> of(Path model) {
    return hashes(model, true);
  }

  /**
   * Returns those hashes of a model's files that are known without reading gigabytes.
   *
   * @param model as for {@link #of}
   * @return as for {@link #of}; files whose hash is not known are left out
   */
  public Map<String, String> known(Path model) {
    return hashes(model, false);
  }

  /**
   * Tells whether {@link #of} would read gigabytes.
   *
   * @param model as for {@link #of}
   * @return true when every hash is known, or soon read
   */
  public boolean isKnown(Path model) {
    try {
      return known(model).size() == files(model).size();
    } catch (IOException | UncheckedIOException e) {
      return true; // nothing will be read either
    }
  }

  private synchronized Map<String, String> hashes(Path model, boolean read) {
    ObjectNode remembered = load();
    Map<String, String> hashes = new TreeMap<>();
    boolean news = false;
    try {
      for (Path file : files(model)) {
        Optional<String> hash = named(file).or(() -> remembered(remembered, file));
        if (hash.isEmpty() && (read || Files.size(file) <= QUICK)) {
          hash = Optional.of(sha256(file));
        }
        if (hash.isPresent()) {
          news |= remember(remembered, file, hash.get());
          hashes.put(relative(model, file), hash.get());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (news) {
      store(remembered);
    }
    return hashes;
  }

  /**
   * Looks for a model among those whose hashes are remembered.
   *
   * @param files hashes by relative path, as {@link #of} returns them
   * @return where it is, when every file is there unchanged
   */
  public synchronized Optional<Path> find(Map<String, String> files) {
    if (files.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode remembered = load();
    Map.Entry<String, String> first = files.entrySet().iterator().next();
    Path relative;
    try {
      relative = Path.of(first.getKey()).normalize();
    } catch (InvalidPathException e) {
      return Optional.empty(); // a stranger's record may name anything
    }
    for (Map.Entry<String, JsonNode> entry : remembered.properties()) {
      Path file = Path.of(entry.getKey());
      if (!entry.getValue().path("sha256").asText().equals(first.getValue())) {
        continue;
      }
      // A lone file may have been renamed since; the files of a folder may not.
      Optional<Path> model =
          first.getKey().startsWith(IN_FOLDER) ? folder(file, relative) : Optional.of(file);
      if (model.isPresent() && Files.exists(model.get()) && matches(model.get(), files)) {
        return model;
      }
    }
    return Optional.empty();
  }

  private boolean matches(Path model, Map<String, String> files) {
    Map<String, String> there = known(model);
    return Files.isDirectory(model)
        ? there.equals(files)
        : there.containsValue(files.values().iterator().next());
  }

  private static Optional<Path> folder(Path file, Path relative) {
    if (!file.endsWith(relative)) {
      return Optional.empty();
    }
    Path folder = file;
    for (int i = 0; i < relative.getNameCount() && folder != null; i++) {
      folder = folder.getParent();
    }
    return Optional.ofNullable(folder);
  }

  private static List<Path> files(Path model) throws IOException {
    if (Files.isRegularFile(model)) {
      return List.of(model);
    }
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(model, DEEPEST)) {
      all.filter(Files::isRegularFile)
          .filter(
              file -> {
                String name = String.valueOf(file.getFileName());
                return name.matches(WEIGHTS) || name.matches(TOKENIZER);
              })
          .sorted()
          .forEach(files::add);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return files;
  }

  private static String relative(Path model, Path file) {
    return Files.isRegularFile(model)
        ? String.valueOf(model.getFileName())
        : IN_FOLDER + model.relativize(file).toString().replace('\\', '/');
  }

  private static Optional<String> named(Path file) throws IOException {
    String real = String.valueOf(file.toRealPath().getFileName());
    return real.matches("[0-9a-f]{64}") ? Optional.of(real) : Optional.empty();
  }

  private static Optional<String> remembered(ObjectNode all, Path file) {
    JsonNode entry = all.path(key(file));
    try {
      boolean same =
          entry.path("size").asLong(-1) == Files.size(file)
              && entry.path("modified").asLong(-1) == Files.getLastModifiedTime(file).toMillis();
      String hash = entry.path("sha256").asText();
      return same && hash.matches("[0-9a-f]{64}") ? Optional.of(hash) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean remember(ObjectNode all, Path file, String hash) throws IOException {
    if (remembered(all, file).filter(hash::equals).isPresent()) {
      return false;
    }
    all.putObject(key(file))
        .put("size", Files.size(file))
        .put("modified", Files.getLastModifiedTime(file).toMillis())
        .put("sha256", hash);
    return true;
  }

  private static String key(Path file) {
    return file.toAbsolutePath().normalize().toString();
  }

  private static String sha256(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      while (channel.read(buffer) >= 0) {
        digest.update(buffer.flip());
        buffer.clear();
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private ObjectNode load() {
    try {
      return Files.exists(memory)
              && JSON.readTree(Files.readAllBytes(memory)) instanceof ObjectNode object
          ? object
          : JSON.createObjectNode();
    } catch (IOException e) {
      // What cannot be read is made anew.
      return JSON.createObjectNode();
    }
  }

  private void store(ObjectNode all) {
    Path temporary = memory.resolveSibling("." + UUID.randomUUID() + ".tmp");
    try {
      Path folder = memory.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Files.write(temporary, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(all));
      Files.move(temporary, memory, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      // Without a memory the next run reads the weights once more, no worse.
      temporary.toFile().delete();
    }
  }
}
