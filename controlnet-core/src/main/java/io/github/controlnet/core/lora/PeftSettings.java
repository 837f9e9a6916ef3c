package io.github.controlnet.core.lora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The settings that PEFT keeps outside the tensors: in the metadata of a file that diffusers wrote
 * ({@code lora_adapter_metadata}), or in {@code adapter_config.json} beside PEFT's own. They hold
 * the alphas, which PEFT's tensors do not.
 */
final class PeftSettings {
  private static final String METADATA = "lora_adapter_metadata";
  private static final List<String> COMPONENTS =
      List.of("unet.", "text_encoder.", "text_encoder_2.");
  private static final long MOST_BYTES = 1 << 20;

  private final JsonNode settings;
  private final boolean scoped;

  private PeftSettings(JsonNode settings, boolean scoped) {
    this.settings = settings;
    this.scoped = scoped;
  }

  /** Reads the settings of a file; none where there are none. */
  static PeftSettings of(Path file, Map<String, String> metadata) {
    String text = metadata.get(METADATA);
    if (text != null) {
      return new PeftSettings(parse(text, "the metadata of " + file), true);
    }
    Path config = file.resolveSibling("adapter_config.json");
    try {
      if (Files.isRegularFile(config) && Files.size(config) <= MOST_BYTES) {
        return new PeftSettings(parse(Files.readString(config), config.toString()), false);
      }
    } catch (IOException e) {
      throw new WeightsException("%s cannot be read: %s".formatted(config, e.getMessage()), e);
    }
    return new PeftSettings(MissingNode.getInstance(), false);
  }

  private static JsonNode parse(String text, String where) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new WeightsException(
          "The settings of PEFT in %s are no JSON: %s".formatted(where, e.getOriginalMessage()), e);
    }
  }

  /**
   * Returns what a product is multiplied with.
   *
   * @param module its module as the file names it
   * @param rank its rank
   * @return alpha / rank, or alpha / sqrt(rank); 1 where nothing is said
   */
  double factor(String module, int rank) {
    String component = COMPONENTS.stream().filter(module::startsWith).findFirst().orElse("");
    String scope = scoped ? component : "";
    JsonNode alpha = settings.path(scope + "lora_alpha");
    JsonNode patterns = settings.path(scope + "alpha_pattern");
    for (Map.Entry<String, JsonNode> each : patterns.properties()) {
      if (isNamed(module, each.getKey())) {
        alpha = each.getValue();
        break;
      }
    }
    if (!alpha.isNumber()) {
      return 1;
    }
    boolean stabilised = settings.path(scope + "use_rslora").asBoolean(false);
    return alpha.doubleValue() / (stabilised ? Math.sqrt(rank) : rank);
  }

  /** PEFT looks for a module whose name ends as the pattern says. */
  private static boolean isNamed(String module, String pattern) {
    try {
      return Pattern.matches("(.*\\.)?(" + pattern + ")", module);
    } catch (PatternSyntaxException e) {
      return module.endsWith(pattern);
    }
  }
}
