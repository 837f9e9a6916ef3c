package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.Prompt;
import io.github.controlnet.Provenance;
import io.github.controlnet.Provenance.ControlProvenance;
import io.github.controlnet.Provenance.ModelSource;
import java.awt.image.BufferedImage;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Everything about the pictures of one generation, ready to be stored inside their PNG files. */
public final class PictureRecord {
  /** The key of the text that the web interfaces of Stable Diffusion know. */
  public static final String PARAMETERS = "parameters";

  /** The key of the complete record, as JSON. */
  public static final String RECORD = "controlnet-java";

  /** The version of the record's form. */
  static final int FORMAT = 1;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final GenerationResult result;
  private final Map<String, Map<String, String>> hashes;

  private PictureRecord(GenerationResult result, Map<String, Map<String, String>> hashes) {
    this.result = result;
    this.hashes = hashes;
  }

  /**
   * Takes up what a generation made.
   *
   * @param result the result
   * @param hashes finds the weights' hashes, which are part of the record
   * @return the record
   * @throws java.io.UncheckedIOException when the weights cannot be read any more
   */
  public static PictureRecord of(GenerationResult result, WeightHashes hashes) {
    Map<String, Map<String, String>> byRole = new LinkedHashMap<>();
    for (ModelSource source : result.provenance().models()) {
      byRole.put(source.role(), hashes.of(source.path()));
    }
    return new PictureRecord(result, byRole);
  }

  /**
   * Encodes a picture as PNG with its record.
   *
   * @param image its index in the result
   * @return the bytes of the file
   */
  public byte[] png(int image) {
    return PngText.encode(result.images().get(image), texts(image));
  }

  /**
   * Returns the text that the web interfaces of Stable Diffusion know: prompt, negative prompt and
   * a line of settings.
   *
   * @param image the index of a picture in the result
   * @return the text
   */
  public String parameters(int image) {
    return WebUiText.write(result.provenance(), image, hashes);
  }

  /**
   * Returns the complete record, without the pixels of the control maps.
   *
   * @param image the index of a picture in the result
   * @return JSON
   */
  public String json(int image) {
    return record(image).toString();
  }

  /**
   * Returns all that is stored inside a picture's file.
   *
   * @param image the index of a picture in the result
   * @return texts by key
   */
  public Map<String, String> texts(int image) {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(PARAMETERS, parameters(image));
    texts.put(RECORD, json(image));
    List<BufferedImage> maps = result.controlMaps();
    for (int i = 0; i < maps.size(); i++) {
      texts.put(mapKey(i), encoded(maps.get(i)));
    }
    return texts;
  }

  private static String encoded(BufferedImage picture) {
    return Base64.getEncoder().encodeToString(PngText.encode(picture, Map.of()));
  }

  static String mapKey(int control) {
    return RECORD + " control map " + (control + 1);
  }

  private ObjectNode record(int image) {
    Provenance made = result.provenance();
    ObjectNode record = JSON.createObjectNode();
    record.put("format", FORMAT);
    record.put("image", image);
    for (Prompt prompt : made.prompts()) {
      record
          .withArray("/prompts")
          .addObject()
          .put("text", prompt.text())
          .put("negative", prompt.negative());
    }
    record.put("imagesPerPrompt", made.seeds().size() / made.prompts().size());
    record.set("seeds", JSON.valueToTree(made.seeds()));
    record.put("seedPerImage", made.seedPerImage());
    record.put("width", made.width());
    record.put("height", made.height());
    record.put("sampler", made.sampler());
    record.put("steps", made.steps());
    record.put("guidanceScale", made.guidanceScale());
    record.put("eta", made.eta());
    record.put("guessMode", made.guessMode().name());
    record.put("onlyMidControl", made.onlyMidControl());
    record.put("precision", made.precision().name());
    for (ModelSource source : made.models()) {
      record
          .withArray("/models")
          .addObject()
          .put("role", source.role())
          .put("name", source.name())
          .set("sha256", JSON.valueToTree(hashes.getOrDefault(source.role(), Map.of())));
    }
    for (int i = 0; i < made.controls().size(); i++) {
      ControlProvenance control = made.controls().get(i);
      record
          .withArray("/controls")
          .addObject()
          .put("annotator", control.annotator())
          .put("scale", control.scale())
          .put("start", control.start())
          .put("end", control.end())
          .put("map", mapKey(i))
          .set("annotatorOptions", JSON.valueToTree(new TreeMap<>(control.annotatorOptions())));
    }
    record.set("environment", JSON.valueToTree(new TreeMap<>(made.environment())));
    record.set("versions", JSON.valueToTree(new TreeMap<>(made.versions())));
    return record;
  }
}
