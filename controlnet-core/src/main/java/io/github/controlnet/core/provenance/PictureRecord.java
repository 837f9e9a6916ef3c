package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.Provenance.Environment;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.core.json.JsonValue;
import io.github.controlnet.core.request.RequestCodec;
import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything about the pictures of one generation, ready to be stored inside their PNG files. */
public final class PictureRecord {
  /** The key of the text that the web interfaces of Stable Diffusion know. */
  public static final String PARAMETERS = "parameters";

  /** The key of the complete record, as JSON. */
  public static final String RECORD = "controlnet-java";

  /** The version of the record's form. */
  static final int FORMAT = 2;

  private static final Logger LOG = LoggerFactory.getLogger(PictureRecord.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final GenerationResult result;
  private final GenerationRequest repeated;
  private final Map<String, Map<String, String>> hashes;

  private PictureRecord(GenerationResult result, Map<String, Map<String, String>> hashes) {
    this.result = result;
    this.repeated = RepeatedRequest.of(result);
    this.hashes = hashes;
  }

  /**
   * Takes up what a generation made.
   *
   * @param result the result
   * @param hashes finds the weights' hashes, which are part of the record; weights that cannot be
   *     read any more are recorded without, since the pictures must not be lost for that
   * @return the record
   */
  public static PictureRecord of(GenerationResult result, WeightHashes hashes) {
    Map<String, Map<String, String>> byRole = new LinkedHashMap<>();
    for (ModelSource source : result.provenance().models()) {
      byRole.put(source.role(), hashesOf(source, hashes));
    }
    return new PictureRecord(result, byRole);
  }

  private static Map<String, String> hashesOf(ModelSource source, WeightHashes hashes) {
    try {
      return hashes.of(source.path());
    } catch (UncheckedIOException e) {
      LOG.warn("{} cannot be read any more: its hash is not in the record", source.path(), e);
      return Map.of();
    }
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
    return record(image, new LinkedHashMap<>()).toString();
  }

  /**
   * Returns all that is stored inside a picture's file.
   *
   * @param image the index of a picture in the result
   * @return texts by key
   */
  public Map<String, String> texts(int image) {
    Map<String, BufferedImage> pictures = new LinkedHashMap<>();
    String record = record(image, pictures).toString();
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(PARAMETERS, parameters(image));
    texts.put(RECORD, record);
    pictures.forEach((key, picture) -> texts.put(key, encoded(picture)));
    return texts;
  }

  private static String encoded(BufferedImage picture) {
    return Base64.getEncoder().encodeToString(PngText.encode(picture, Map.of()));
  }

  /** Puts what is a picture aside, under the key that the record names. */
  private ObjectNode record(int image, Map<String, BufferedImage> pictures) {
    ObjectNode record = JSON.createObjectNode();
    record.put("format", FORMAT);
    record.put("image", image);
    record.set(
        "request",
        RequestCodec.write(
            repeated,
            (path, picture) -> {
              String key = RECORD + " " + path;
              pictures.put(key, picture);
              return key;
            }));
    for (ModelSource source : result.provenance().models()) {
      record
          .withArray("/models")
          .addObject()
          .put("role", source.role())
          .put("name", source.name())
          .set("sha256", JSON.valueToTree(hashes.getOrDefault(source.role(), Map.of())));
    }
    Environment environment = result.provenance().environment();
    record.put("engine", environment.engine());
    record.put("precision", JsonValue.word(environment.precision()));
    record.set("environment", JSON.valueToTree(new TreeMap<>(environment.machine())));
    record.set("versions", JSON.valueToTree(new TreeMap<>(environment.versions())));
    return record;
  }
}
