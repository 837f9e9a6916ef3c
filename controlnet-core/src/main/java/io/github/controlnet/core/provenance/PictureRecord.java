package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.ControlInput;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.Guidance;
import io.github.controlnet.InitImage;
import io.github.controlnet.Prompt;
import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.Provenance;
import io.github.controlnet.Provenance.ControlProvenance;
import io.github.controlnet.Provenance.InitProvenance;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.sampler.ScheduleSettings;
import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
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
  static final int FORMAT = 1;

  private static final Logger LOG = LoggerFactory.getLogger(PictureRecord.class);
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
    record.put("promptSyntax", made.request().promptSyntax().name());
    record.put("clipSkip", made.request().clipSkip());
    made.request()
        .promptEmbeddings()
        .ifPresent(states -> record.set("promptEmbeddings", embeddings(states)));
    made.request()
        .negativeEmbeddings()
        .ifPresent(states -> record.set("negativeEmbeddings", embeddings(states)));
    record.put("imagesPerPrompt", made.seeds().size() / made.prompts().size());
    record.set("seeds", JSON.valueToTree(made.seeds()));
    record.put("seedPerImage", made.seedPerImage());
    record.put("width", made.width());
    record.put("height", made.height());
    record.put("sampler", made.sampler());
    ScheduleSettings settings = made.scheduleSettings();
    settings.timestepSpacing().ifPresent(spacing -> record.put("timestepSpacing", spacing.name()));
    settings.predictionType().ifPresent(type -> record.put("predictionType", type.name()));
    record.put("zeroTerminalSnr", settings.zeroTerminalSnr());
    record.put("steps", made.steps());
    record.set("guidance", guidance(made));
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
      record.withArray("/controls").add(control(i, pictures));
    }
    made.request()
        .initImage()
        .ifPresent(init -> record.set("init", init(init, made.request(), pictures)));
    record.set("environment", JSON.valueToTree(new TreeMap<>(made.environment())));
    record.set("versions", JSON.valueToTree(new TreeMap<>(made.versions())));
    return record;
  }

  /** A size that was asked for brings the picture to it; one that was not leaves it. */
  private static ObjectNode init(
      InitImage init, GenerationRequest asked, Map<String, BufferedImage> pictures) {
    ObjectNode node = JSON.createObjectNode();
    put(node, "image", RECORD + " init image", init.image(), pictures);
    node.put("strength", init.strength());
    asked.width().ifPresent(pixels -> node.put("width", pixels));
    asked.height().ifPresent(pixels -> node.put("height", pixels));
    asked.imageResolution().ifPresent(pixels -> node.put("imageResolution", pixels));
    init.mask()
        .ifPresent(
            mask -> {
              put(node, "mask", RECORD + " init mask", mask.image(), pictures);
              node.put("maskBlur", mask.blur());
              node.put("maskedContent", mask.content().name());
              mask.padding().ifPresent(pixels -> node.put("padding", pixels));
            });
    return node;
  }

  private static ObjectNode embeddings(PromptEmbeddings states) {
    ByteBuffer bytes =
        ByteBuffer.allocate(states.values().length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(states.values());
    return JSON.createObjectNode()
        .put("tokens", states.tokens())
        .put("width", states.width())
        .put("float32", Base64.getEncoder().encodeToString(bytes.array()));
  }

  private static ObjectNode guidance(Provenance made) {
    Guidance guidance = made.guidance();
    ObjectNode node = JSON.createObjectNode();
    node.set("scale", RecordedScale.write(guidance.scale(), made.steps()));
    return node.put("rescale", guidance.rescale())
        .put("start", guidance.start())
        .put("end", guidance.end())
        .put("perturbedScale", guidance.perturbedScale());
  }

  private ObjectNode control(int index, Map<String, BufferedImage> pictures) {
    ControlProvenance control = result.provenance().controls().get(index);
    ControlInput input = result.provenance().request().controls().get(index);
    String key = RECORD + " control " + (index + 1);
    ObjectNode node = JSON.createObjectNode();
    node.put("annotator", control.annotator());
    node.set("annotatorOptions", JSON.valueToTree(new TreeMap<>(control.annotatorOptions())));
    if (input.mapAnnotator().isPresent()) {
      node.put("annotatedBefore", true);
    }
    input.detectResolution().ifPresent(side -> node.put("detectResolution", side));
    node.put("resizeMode", input.resizeMode().name());
    node.set("scale", RecordedScale.write(control.scale(), result.provenance().steps()));
    node.put("start", control.start());
    node.put("end", control.end());
    node.put("mode", control.mode().name());
    node.set("layerWeights", JSON.valueToTree(control.layerWeights()));
    put(node, "map", key + " map", result.controlMaps().get(index), pictures);
    // A mask belongs to the picture as it was given, and so do holes; and where only a part is
    // painted, the map is of that part.
    boolean part =
        result
            .provenance()
            .initImage()
            .map(InitProvenance::padding)
            .orElse(OptionalInt.empty())
            .isPresent();
    if (input.mask().isPresent() || input.inpaintMask().isPresent() || part) {
      put(node, "image", key + " image", input.image(), pictures);
    }
    input.mask().ifPresent(mask -> put(node, "mask", key + " mask", mask, pictures));
    input.inpaintMask().ifPresent(mask -> put(node, "holes", key + " holes", mask, pictures));
    return node;
  }

  private static void put(
      ObjectNode node,
      String name,
      String key,
      BufferedImage picture,
      Map<String, BufferedImage> pictures) {
    node.put(name, key);
    pictures.put(key, picture);
  }
}
