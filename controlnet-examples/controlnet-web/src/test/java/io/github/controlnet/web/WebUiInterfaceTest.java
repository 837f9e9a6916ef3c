package io.github.controlnet.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.core.provenance.PngText;
import io.github.controlnet.image.Images;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** What clients of Stable Diffusion web UI see. */
class WebUiInterfaceTest extends ServerFixture {

  private static Map<String, Object> payload() {
    Map<String, Object> payload = new HashMap<>();
    payload.put("prompt", "a bird");
    payload.put("negative_prompt", "bad");
    payload.put("steps", 1);
    payload.put("width", 64);
    payload.put("height", 64);
    payload.put("cfg_scale", 5);
    payload.put("sampler_name", "Euler a");
    payload.put("seed", 11);
    return payload;
  }

  private static Map<String, Object> unit() throws Exception {
    Map<String, Object> unit = new HashMap<>();
    unit.put("image", photograph());
    unit.put("module", "canny");
    unit.put("model", "mini-canny [00000000]");
    unit.put("weight", 0.8);
    unit.put("processor_res", 64);
    unit.put("threshold_a", 64);
    unit.put("threshold_b", -1);
    unit.put("control_mode", "My prompt is more important");
    unit.put("resize_mode", "Crop and Resize");
    return unit;
  }

  private JsonNode generate(String path, Map<String, Object> payload) throws Exception {
    Answer answer = post(path, payload);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  private static byte[] image(JsonNode answer, int index) {
    return Base64.getDecoder().decode(answer.path("images").get(index).asText());
  }

  @Test
  void imageIHasTheSeedSPlusI() throws Exception {
    Map<String, Object> both = payload();
    both.put("batch_size", 2);
    JsonNode batch = generate("/sdapi/v1/txt2img", both);
    assertThat(batch.path("images")).hasSize(2);
    JsonNode info = new ObjectMapper().readTree(batch.path("info").asText());
    assertThat(info.path("all_seeds")).hasToString("[11,12]");
    assertThat(info.path("infotexts").get(1).asText())
        .startsWith(
            "a bird\nNegative prompt: bad\nSteps: 1, Sampler: Euler a, CFG scale: 5, Seed: 12");
    Map<String, Object> second = payload();
    second.put("seed", 12);
    BufferedImage alone = picture(generate("/sdapi/v1/txt2img", second), 0);
    assertThat(distance(alone, picture(batch, 1))).isLessThan(2);
    assertThat(distance(alone, picture(batch, 0))).isGreaterThan(2);
  }

  private static BufferedImage picture(JsonNode answer, int index) {
    return Images.read(new ByteArrayInputStream(image(answer, index)));
  }

  /** The mean difference of the levels; batches are computed a little differently. */
  private static double distance(BufferedImage one, BufferedImage other) {
    double sum = 0;
    for (int y = 0; y < one.getHeight(); y++) {
      for (int x = 0; x < one.getWidth(); x++) {
        for (int shift = 0; shift < 24; shift += 8) {
          sum += Math.abs((one.getRGB(x, y) >> shift & 255) - (other.getRGB(x, y) >> shift & 255));
        }
      }
    }
    return sum / (3.0 * one.getWidth() * one.getHeight());
  }

  @Test
  void controlUnitsAct() throws Exception {
    Map<String, Object> payload = payload();
    payload.put("alwayson_scripts", Map.of("ControlNet", Map.of("args", List.of(unit()))));
    JsonNode answer = generate("/sdapi/v1/txt2img", payload);
    // The picture, then the map, as the extension appends it.
    assertThat(answer.path("images")).hasSize(2);
    assertThat(PngText.read(image(answer, 0)).get("parameters"))
        .contains("Model: mini,", "Module: canny", "Model: mini-canny")
        .contains("Weight: 0.8")
        .contains("Module low: 64")
        .contains("My prompt is more important");
    Map<String, Object> off = new HashMap<>(unit());
    off.put("enabled", false);
    payload.put("alwayson_scripts", Map.of("controlnet", Map.of("args", List.of(off))));
    assertThat(generate("/sdapi/v1/txt2img", payload).path("images")).hasSize(1);
  }

  @Test
  void unitsMayShareAControl() throws Exception {
    Map<String, Object> whole = new HashMap<>(unit());
    whole.putAll(Map.of("weight", 1.6, "control_mode", 0));
    Map<String, Object> half = new HashMap<>(whole);
    half.put("weight", 0.8);
    Map<String, Object> payload = payload();
    payload.put("steps", 3);
    payload.put("alwayson_scripts", Map.of("ControlNet", Map.of("args", List.of(whole))));
    BufferedImage once = picture(generate("/sdapi/v1/txt2img", payload), 0);
    payload.put("alwayson_scripts", Map.of("ControlNet", Map.of("args", List.of(half, half))));
    JsonNode twice = generate("/sdapi/v1/txt2img", payload);
    assertThat(twice.path("images")).hasSize(3);
    payload.put("alwayson_scripts", Map.of());
    double without = distance(picture(generate("/sdapi/v1/txt2img", payload), 0), once);
    assertThat(without).isGreaterThan(0);
    assertThat(distance(picture(twice, 0), once)).isLessThan(without / 10);
    payload.put(
        "alwayson_scripts", Map.of("ControlNet", Map.of("args", Collections.nCopies(11, half))));
    assertThat(post("/sdapi/v1/txt2img", payload).json().path("detail").asText())
        .endsWith("There are 11 control inputs; this server takes at most 10. Leave some out.");
  }

  @Test
  void imageToImageTakesMaskAndStrength() throws Exception {
    Map<String, Object> payload = payload();
    payload.put("init_images", List.of("data:image/jpeg;base64," + photograph()));
    payload.put("denoising_strength", 0.5);
    assertThat(post("/sdapi/v1/img2img", payload).json().path("detail").asText())
        .contains("none of 1 steps");
    payload.put("steps", 2);
    assertThat(PngText.read(image(generate("/sdapi/v1/img2img", payload), 0)).get("parameters"))
        .contains("Denoising strength: 0.5");
    BufferedImage mask = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    mask.createGraphics().fillRect(16, 16, 32, 32);
    payload.put("mask", Base64.getEncoder().encodeToString(PngText.encode(mask, Map.of())));
    payload.put("inpaint_full_res", false);
    payload.put("mask_blur", 2);
    assertThat(PngText.read(image(generate("/sdapi/v1/img2img", payload), 0)).get("parameters"))
        .contains("Mask blur: 2")
        .contains("Masked content: fill");
    String[] contents = {"fill", "", "latent noise", "latent nothing"};
    Set<Integer> pictures = new HashSet<>();
    for (int fill = 0; fill < contents.length; fill++) {
      payload.put("inpainting_fill", fill);
      JsonNode made = generate("/sdapi/v1/img2img", payload);
      String text = PngText.read(image(made, 0)).get("parameters");
      if (contents[fill].isEmpty()) {
        assertThat(text).doesNotContain("Masked content");
      } else {
        assertThat(text).contains("Masked content: " + contents[fill]);
      }
      int[] pixels = picture(made, 0).getRGB(0, 0, 64, 64, null, 0, 64);
      pictures.add(Arrays.hashCode(pixels));
    }
    assertThat(pictures).hasSize(contents.length);
    for (Object wrong : List.of(4, -1, "fill", 1.5)) {
      payload.put("inpainting_fill", wrong);
      Answer refused = post("/sdapi/v1/img2img", payload);
      assertThat(refused.status()).isEqualTo(422);
      assertThat(refused.json().path("detail").asText())
          .contains("inpainting_fill is")
          .contains("2 (latent noise)");
    }
    assertThat(post("/sdapi/v1/img2img", payload()).status()).isEqualTo(422);
  }

  @Test
  void whatWouldChangeThePictureAndIsNotHereIsRefused() throws Exception {
    Map<String, Object> wrong =
        Map.of(
            "enable_hr",
            true,
            "sampler_name",
            "Restart",
            "subseed_strength",
            0.5,
            "script_name",
            "xyz",
            "alwayson_scripts",
            Map.of("roop", Map.of("args", List.of(1))),
            "width",
            2048,
            "n_iter",
            50,
            "override_settings",
            Map.of("sd_model_checkpoint", "another"),
            "steps",
            "many");
    for (Map.Entry<String, Object> each : wrong.entrySet()) {
      Map<String, Object> payload = payload();
      payload.put(each.getKey(), each.getValue());
      Answer answer = post("/sdapi/v1/txt2img", payload);
      assertThat(answer.status()).as(each + answer.body()).isEqualTo(422);
    }
    Map<String, Object> unit = unit();
    unit.put("model", "None");
    Map<String, Object> payload = payload();
    payload.put("alwayson_scripts", Map.of("controlnet", Map.of("args", List.of(unit))));
    assertThat(post("/sdapi/v1/txt2img", payload).json().path("detail").asText())
        .contains("mini-canny");
  }

  @Test
  void numbersThatClientsAlwaysSendMustDoNothing() throws Exception {
    Map<String, Object> payload = payload();
    payload.putAll(Map.of("s_churn", 0, "s_noise", 1, "seed_resize_from_w", -1));
    payload.put("initial_noise_multiplier", null);
    payload.put("steps", "1");
    assertThat(generate("/sdapi/v1/txt2img", payload).path("images")).hasSize(1);
    for (String name : List.of("s_churn", "s_noise", "initial_noise_multiplier")) {
      Map<String, Object> wrong = payload();
      wrong.put(name, 0.5);
      assertThat(post("/sdapi/v1/txt2img", wrong).json().path("detail").asText())
          .contains(name + " is 0.5");
    }
    Map<String, Object> many = payload();
    many.putAll(Map.of("batch_size", 100_000, "n_iter", 100_000));
    assertThat(post("/sdapi/v1/txt2img", many).status()).isEqualTo(422);
    assertThat(post("/sdapi/v1/txt2img", List.of()).status()).isEqualTo(422);
    assertThat(post("/sdapi/v1/options", Map.of("CLIP_stop_at_last_layers", 2)).status())
        .isEqualTo(422);
  }

  @Test
  void picturesThatWereSentDoNotComeBackUnasked() throws Exception {
    Map<String, Object> payload = payload();
    payload.put("steps", 2);
    payload.put("init_images", List.of(photograph()));
    payload.put("send_images", false);
    JsonNode answer = generate("/sdapi/v1/img2img", payload);
    assertThat(answer.path("parameters").path("init_images").isNull()).isTrue();
    assertThat(answer.path("images")).isEmpty();
    payload.put("include_init_images", true);
    answer = generate("/sdapi/v1/img2img", payload);
    assertThat(answer.path("parameters").path("init_images")).hasSize(1);
    payload.put("denoising_strength", 0);
    assertThat(post("/sdapi/v1/img2img", payload).json().path("detail").asText())
        .contains("denoising strength is 0.0");
  }

  @Test
  void theHolesOfAMaskTellWhatIsMasked() throws Exception {
    BufferedImage brightness = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    brightness.createGraphics().fillRect(16, 16, 32, 32);
    BufferedImage holes = new BufferedImage(64, 64, BufferedImage.TYPE_INT_ARGB);
    for (int y = 16; y < 48; y++) {
      for (int x = 16; x < 48; x++) {
        holes.setRGB(x, y, 0xff000000);
      }
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(holes, "png", file);
    Map<String, Object> payload = payload();
    payload.putAll(
        Map.of("steps", 2, "init_images", List.of(photograph()), "inpaint_full_res", false));
    payload.put("mask", Base64.getEncoder().encodeToString(PngText.encode(brightness, Map.of())));
    BufferedImage expected = picture(generate("/sdapi/v1/img2img", payload), 0);
    String black = Base64.getEncoder().encodeToString(file.toByteArray());
    holes.createGraphics().fillRect(16, 16, 32, 32);
    file.reset();
    ImageIO.write(holes, "png", file);
    String white = Base64.getEncoder().encodeToString(file.toByteArray());
    assertThat(white).isNotEqualTo(black);
    for (String mask : List.of(black, white)) {
      payload.put("mask", mask);
      BufferedImage actual = picture(generate("/sdapi/v1/img2img", payload), 0);
      assertThat(actual.getRGB(0, 0, 64, 64, null, 0, 64))
          .isEqualTo(expected.getRGB(0, 0, 64, 64, null, 0, 64));
    }
  }

  @Test
  void aPictureOfAnotherAspectIsCroppedWhenAskedTo() throws Exception {
    Map<String, Object> payload = payload();
    payload.putAll(Map.of("steps", 2, "init_images", List.of(photograph())));
    BufferedImage stretched = picture(generate("/sdapi/v1/img2img", payload), 0);
    payload.put("resize_mode", 1);
    BufferedImage cropped = picture(generate("/sdapi/v1/img2img", payload), 0);
    assertThat(cropped.getRGB(0, 0, 64, 64, null, 0, 64))
        .isNotEqualTo(stretched.getRGB(0, 0, 64, 64, null, 0, 64));
    payload.put("resize_mode", 2);
    assertThat(post("/sdapi/v1/img2img", payload).json().path("detail").asText())
        .contains("resize_mode is 2");
  }

  @Test
  void listsAndSettingsAreThere() throws Exception {
    assertThat(get("/sdapi/v1/options").json().path("sd_model_checkpoint").asText())
        .isEqualTo("mini");
    assertThat(post("/sdapi/v1/options", Map.of("sd_model_checkpoint", "other")).status())
        .isEqualTo(422);
    assertThat(get("/sdapi/v1/sd-models").json().get(0).path("title").asText()).isEqualTo("mini");
    assertThat(get("/sdapi/v1/samplers").json().findValuesAsText("name"))
        .contains("Euler a", "DPM++ 2M Karras");
    assertThat(get("/sdapi/v1/progress").json().path("progress").asDouble()).isZero();
    assertThat(get("/controlnet/model_list").json().path("model_list").get(0).asText())
        .isEqualTo("mini-canny");
    assertThat(get("/controlnet/module_list").json().path("module_list").toString())
        .contains("\"none\",", "\"canny\"");
    assertThat(get("/controlnet/version").json().path("version").asInt()).isPositive();
    JsonNode canny = get("/controlnet/control_types").json().path("control_types").path("Canny");
    assertThat(canny.path("default_option").asText()).isEqualTo("canny");
    assertThat(canny.path("default_model").asText()).isEqualTo("mini-canny");
    JsonNode detected =
        post(
                "/controlnet/detect",
                Map.of(
                    "controlnet_module",
                    "canny",
                    "controlnet_input_images",
                    List.of(photograph()),
                    "controlnet_processor_res",
                    64))
            .json();
    assertThat(detected.path("info").asText()).isEqualTo("Success");
    assertThat(picture(detected, 0).getHeight()).isEqualTo(64);
    assertThat(post("/controlnet/detect", Map.of("controlnet_module", "canny")).status())
        .isEqualTo(422);
  }

  /** The annotator of this test finds one person wherever it looks. */
  @Test
  void detectReturnsThePosesAndRenderDrawsThem() throws Exception {
    Map<String, Object> payload = new HashMap<>();
    payload.put("controlnet_module", PosedProvider.NAME);
    payload.put("controlnet_input_images", List.of(photograph(), photograph()));
    payload.put("controlnet_processor_res", 64);
    JsonNode detected = post("/controlnet/detect", payload).json();
    assertThat(detected.path("images")).hasSize(2);
    assertThat(detected.path("poses")).hasSize(2);
    assertThat(PosedProvider.seen.orElseThrow().threads()).as("the pipeline's").isEqualTo(1);
    JsonNode pose = detected.path("poses").get(1);
    assertThat(pose.path("canvas_height").asInt()).isEqualTo(picture(detected, 1).getHeight());
    assertThat(pose.path("people").get(0).path("pose_keypoints_2d")).hasSize(3 * 18);
    assertThat(pose.path("people").get(0).path("face_keypoints_2d").isNull()).isTrue();
    payload.put("controlnet_options", Map.of("side", "right"));
    JsonNode right = post("/controlnet/detect", payload).json().path("poses").get(0);
    assertThat(right.path("people").get(0).path("pose_keypoints_2d").get(0).asInt()).isEqualTo(40);
    for (Map<String, String> wrong : List.of(Map.of("side", "up"), Map.of("file", "/etc/hosts"))) {
      payload.put("controlnet_options", wrong);
      assertThat(post("/controlnet/detect", payload).status()).as("%s", wrong).isEqualTo(422);
    }
    payload.remove("controlnet_options");
    payload.put("controlnet_module", "canny");
    assertThat(post("/controlnet/detect", payload).json().has("poses")).isFalse();

    Answer drawn = post("/controlnet/render_openpose_json", List.of(pose, pose));
    assertThat(drawn.status()).as(drawn.body()).isEqualTo(200);
    assertThat(drawn.json().path("images")).hasSize(2);
    BufferedImage map = picture(drawn.json(), 0);
    assertThat(map.getHeight()).isEqualTo(pose.path("canvas_height").asInt());
    assertThat(map.getRGB(20, 20) & 0xffffff).as("the nose").isEqualTo(0xff0000);
    assertThat(post("/controlnet/render_openpose_json", List.of()).status()).isEqualTo(422);
    assertThat(post("/controlnet/render_openpose_json", List.of(Map.of("people", 1))).body())
        .contains("canvas_width");
    com.fasterxml.jackson.databind.node.ObjectNode odd = pose.deepCopy();
    ((com.fasterxml.jackson.databind.node.ObjectNode) odd.path("people").get(0))
        .putArray("hand_left_keypoints")
        .add(1);
    assertThat(
            post("/controlnet/render_openpose_json", List.of(pose, odd))
                .json()
                .path("field")
                .asText())
        .isEqualTo("[1].people[0].hand_left_keypoints");
  }
}
