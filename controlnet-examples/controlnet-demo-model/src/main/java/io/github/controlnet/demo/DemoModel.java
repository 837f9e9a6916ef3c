package io.github.controlnet.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The bundled demonstration, extracted to a folder: <i>mini</i>, a small model of the Stable
 * Diffusion 1.x kind that paints coloured shapes on coloured backgrounds, its two ControlNets, and
 * pictures to begin with. The README in the same package of the jar is its model card.
 *
 * @param base the base, a diffusers folder, for 128 x 128 pixels
 * @param control its ControlNet for outlines, as a line of one pixel or as canny finds them; a
 *     diffusers folder
 * @param segmentation its ControlNet for filled shapes in the palette of the model card; a
 *     diffusers folder
 * @param drawing a PNG of 512 x 512 pixels to take outlines from
 * @param photograph a JPEG of 600 x 400 pixels, CC0, to try annotators on
 */
public record DemoModel(Path base, Path control, Path segmentation, Path drawing, Path photograph) {
  /** What must be said wherever a picture of this model is shown. */
  public static final String NOTICE =
      "The bundled model is small and paints coloured shapes alone, such as \"red star with sky blue"
          + " background\".";

  /** What the maps of {@link #segmentation} look like. */
  public static final String PALETTE =
      "Filled shapes on black, each kind in its colour: circle #ff3c3c, square #3cff3c,"
          + " triangle #3c3cff, diamond #ffff3c, star #ff3cff, cross #3cffff.";

  /** What the demonstration paints when it is told nothing. */
  public static final String PROMPT = "yellow star with purple background";

  /** The guidance scale that suits the model: at the usual 9 its colours overshoot. */
  public static final double GUIDANCE_SCALE = 3;

  private static final String INDEX = "index.txt";

  /** A file of the demonstration. */
  private record Entry(String name, long size) {}

  /**
   * Puts the demonstration into a folder. Files that are there already with the right size stay as
   * they are; every other file is written beside its place and then moved there, so that several
   * threads or processes may extract into one folder at a time, and an interrupted one leaves no
   * half-written file behind under a final name.
   *
   * @param folder where to put it; made when it is not there
   * @return where its parts are
   * @throws UncheckedIOException when the folder cannot be written
   */
  public static DemoModel extract(Path folder) {
    try {
      for (Entry entry : entries()) {
        Path target = folder.resolve(entry.name());
        if (!isComplete(target, entry.size())) {
          write(entry, target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The bundled demonstration could not be extracted to "
              + folder
              + ": "
              + e.getMessage()
              + ". Choose a folder that can be written and has 20 MB free.",
          e);
    }
    return new DemoModel(
        folder.resolve("mini"),
        folder.resolve("mini-canny"),
        folder.resolve("mini-segmentation"),
        folder.resolve("drawing.png"),
        folder.resolve("photograph.jpg"));
  }

  /**
   * Tells this model from the ones that other versions bundle.
   *
   * @return letters and digits that follow from the contents of all files
   */
  public static String id() {
    try (InputStream in = open(INDEX)) {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(in.readAllBytes());
      return HexFormat.of().formatHex(hash, 0, 6);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(open(INDEX), StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split(" ", 3); // size, sha256, name
        entries.add(new Entry(parts[2], Long.parseLong(parts[0])));
      }
    }
    return entries;
  }

  private static boolean isComplete(Path file, long size) throws IOException {
    return Files.isRegularFile(file) && Files.size(file) == size;
  }

  private static void write(Entry entry, Path target) throws IOException {
    Path parent = target.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IOException(target + " has no parent folder");
    }
    Files.createDirectories(parent);
    Path part = Files.createTempFile(parent, ".", ".part");
    try (InputStream in = open(entry.name())) {
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      try {
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        // Windows refuses to replace a file that another process has open: then it is the same
        // file.
        if (!isComplete(target, entry.size())) {
          throw e;
        }
      }
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static InputStream open(String name) throws IOException {
    InputStream in = DemoModel.class.getResourceAsStream(name);
    if (in == null) {
      throw new IOException("the jar lacks its resource " + name);
    }
    return in;
  }
}
