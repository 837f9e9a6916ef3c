package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import io.github.controlnet.ControlMode;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.image.ResizeMode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a page asks for. What is missing has its usual value.
 *
 * @param prompt what the picture should show
 * @param addedPrompt appended to the prompt after a comma
 * @param negativePrompt what it should not show
 * @param weighted whether prompts are read by the web UI's rules: (word:1.2), [word] and so on
 * @param clipSkip 1 for the text encoder's last layer, 2 for the last but one
 * @param images how many
 * @param imageResolution short side of the pictures, which follow the first control image
 * @param width pixels, a multiple of 8, in place of imageResolution
 * @param height pixels, a multiple of 8, in place of imageResolution
 * @param preset takes the place of the usual steps, guidanceScale, eta and sampler; what is given
 *     beside it wins
 * @param steps denoising steps
 * @param guidanceScale how strongly the prompt guides
 * @param seed -1 for a random one; it draws the whole batch
 * @param eta share of fresh noise, 0 to 1
 * @param sampler the sampler's name
 * @param guessMode whether the control speaks without a prompt
 * @param init a picture to start from; none for noise alone
 * @param controls one for each control that is used
 */
public record JobRequest(
    @Nullable String prompt,
    @Nullable String addedPrompt,
    @Nullable String negativePrompt,
    @Nullable Boolean weighted,
    @Nullable Integer clipSkip,
    @Nullable Integer images,
    @Nullable Integer imageResolution,
    @Nullable Integer width,
    @Nullable Integer height,
    @Nullable String preset,
    @Nullable Integer steps,
    @Nullable Double guidanceScale,
    @JsonSerialize(using = SeedAsJson.class) @Nullable Long seed,
    @Nullable Double eta,
    @Nullable String sampler,
    @Nullable Boolean guessMode,
    @Nullable InitRequest init,
    @Nullable List<ControlRequest> controls) {

  /**
   * Reads a form.
   *
   * @throws FieldException when a field is of another kind than expected, or there is no such field
   */
  static JobRequest read(JsonNode payload) {
    JsonFields form = JsonFields.of(payload);
    JsonValue controls = form.get("controls");
    JobRequest request =
        new JobRequest(
            text(form, "prompt"),
            text(form, "addedPrompt"),
            text(form, "negativePrompt"),
            form.get("weighted").flag().orElse(null),
            integer(form, "clipSkip"),
            integer(form, "images"),
            integer(form, "imageResolution"),
            integer(form, "width"),
            integer(form, "height"),
            text(form, "preset"),
            integer(form, "steps"),
            number(form, "guidanceScale"),
            form.get("seed").longInteger().orElse(null),
            number(form, "eta"),
            text(form, "sampler"),
            form.get("guessMode").flag().orElse(null),
            form.get("init").object().map(JobRequest::init).orElse(null),
            controls.isAbsent()
                ? null
                : controls.items().stream().map(JobRequest::control).toList());
    form.finish();
    return request;
  }

  private static InitRequest init(JsonFields init) {
    return new InitRequest(
        text(init, "image"),
        number(init, "strength"),
        text(init, "mask"),
        number(init, "maskBlur"),
        integer(init, "padding"),
        init.get("content").word(MaskedContent.class).orElse(null));
  }

  private static ControlRequest control(JsonValue value) {
    JsonFields control = value.object().orElseThrow(() -> value.refused("an object"));
    JsonValue options = control.get("annotatorOptions");
    JsonValue mapOptions = control.get("mapOptions");
    return new ControlRequest(
        integer(control, "model"),
        text(control, "image"),
        text(control, "annotator"),
        options.isAbsent() ? null : ControlNetApiController.options(options),
        integer(control, "detectResolution"),
        number(control, "scale"),
        number(control, "start"),
        number(control, "end"),
        control.get("mode").word(ControlMode.class).orElse(null),
        control.get("resizeMode").word(ResizeMode.class).orElse(null),
        text(control, "mapAnnotator"),
        mapOptions.isAbsent() ? null : ControlNetApiController.options(mapOptions));
  }

  private static @Nullable String text(JsonFields fields, String name) {
    return fields.get(name).text().orElse(null);
  }

  private static @Nullable Integer integer(JsonFields fields, String name) {
    return fields.get(name).integer().orElse(null);
  }

  private static @Nullable Double number(JsonFields fields, String name) {
    return fields.get(name).number().orElse(null);
  }

  /** Returns how many letters its prompts and pictures have. */
  long bytes() {
    long letters = length(prompt) + length(addedPrompt) + length(negativePrompt);
    if (init != null) {
      letters += length(init.image()) + length(init.mask());
    }
    if (controls != null) {
      for (ControlRequest control : controls) {
        letters += length(control.image());
      }
    }
    return letters;
  }

  private static long length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }

  /**
   * Image to image and inpainting.
   *
   * @param image the picture, as a data address
   * @param strength denoising strength, above 0 to 1
   * @param mask what is painted anew, white on black, as a data address; none for everything
   * @param maskBlur radius of the mask's blur, in pixels
   * @param padding pixels around the masked part, to generate that alone; none for the whole
   * @param content what is under the mask at first: original, fill, noise or nothing
   */
  public record InitRequest(
      @Nullable String image,
      @Nullable Double strength,
      @Nullable String mask,
      @Nullable Double maskBlur,
      @Nullable Integer padding,
      @Nullable String content) {}

  /**
   * One control.
   *
   * @param model which: its place among the server's controls, from 0
   * @param image its picture, as a data address
   * @param annotator makes the map of the picture; none when it is one already
   * @param annotatorOptions the annotator's options
   * @param detectResolution short side of the photograph that the annotator sees
   * @param scale what the control's residuals are multiplied with
   * @param start where in the schedule it begins to act, 0 to 1
   * @param end where it ceases to act, 0 to 1
   * @param mode balanced, prompt, control or resolution
   * @param resizeMode stretch, crop or fill
   * @param mapAnnotator which annotator made the picture, where that is known of a map; records
   *     name it
   * @param mapOptions the options that it had
   */
  public record ControlRequest(
      @Nullable Integer model,
      @Nullable String image,
      @Nullable String annotator,
      @Nullable Map<String, String> annotatorOptions,
      @Nullable Integer detectResolution,
      @Nullable Double scale,
      @Nullable Double start,
      @Nullable Double end,
      @Nullable String mode,
      @Nullable String resizeMode,
      @Nullable String mapAnnotator,
      @Nullable Map<String, String> mapOptions) {}
}
