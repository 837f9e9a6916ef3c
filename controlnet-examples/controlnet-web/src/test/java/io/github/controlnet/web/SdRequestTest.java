package io.github.controlnet.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.Annotators;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.PipelineInfo;
import io.github.controlnet.core.json.FieldException;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.provenance.PngText;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.Lora;
import io.github.controlnet.model.LoraFolder;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

/** What the web UI's interface makes of payloads, without a server or a network. */
class SdRequestTest {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
  private static final String RED = picture(Color.RED);
  private static final String BLUE = picture(Color.BLUE);
  private static final String BLACK = picture(Color.BLACK);
  private static final String WHITE = picture(Color.WHITE);
  private static final String UNIT = "alwayson_scripts.controlnet.args[0]";

  private final SdSettings settings = new SdSettings(model());
  private final SdRequest requests = requests();

  private static ServedModel model() {
    PipelineInfo info =
        new PipelineInfo(
            "Stable Diffusion 1.x",
            "mini",
            List.of("mini-canny", "mini-segmentation"),
            64,
            8,
            Device.CPU,
            Precision.FLOAT32,
            1,
            Map.of());
    return ServedModel.of(
        info,
        List.of(
            ControlModel.of(Path.of("mini-canny")), ControlModel.of(Path.of("mini-segmentation"))),
        true);
  }

  private static final WebProperties LIMITS = limits();

  private static WebProperties limits() {
    DataSize size = DataSize.ofMegabytes(1);
    return new WebProperties(
        null, 2, size, 2, size, size, 1_000_000, 512, 12, 100, Duration.ofMinutes(1), 1, Map.of());
  }

  private static RequestMaker maker() {
    return maker(Optional.empty());
  }

  private static RequestMaker maker(Optional<LoraFolder> loras) {
    return new RequestMaker(
        model(),
        LIMITS,
        new UploadedPictures(LIMITS.maxPixels()),
        new AnnotatorService(LIMITS, Annotators.context()),
        new ServedLoras(loras));
  }

  @Test
  void promptsNameTheServersLoras(@TempDir Path folder) throws IOException {
    Path ink = Files.writeString(folder.resolve("ink.safetensors"), "");
    SdRequest requests = requests(maker(Optional.of(LoraFolder.of(folder))));
    ObjectNode body = JSON.createObjectNode().put("prompt", "a cat <lora:ink:0.5>");
    GenerationRequest made = requests.ofText(body).request().build();
    assertThat(made.loras()).containsExactly(Lora.of(ink).withScale(0.5));
    assertThat(made.prompts().list().get(0).text()).isEqualTo("a cat ");
    body.put("prompt", "a cat <lora:none:0.5>");
    FieldException refused =
        catchThrowableOfType(FieldException.class, () -> requests.ofText(body));
    assertThat(refused.field()).isEqualTo("prompt");
    assertThat(refused).hasMessageContaining("no LoRA \"none\"").hasMessageContaining("ink");
  }

  private SdRequest requests() {
    return requests(maker());
  }

  private SdRequest requests(RequestMaker maker) {
    return new SdRequest(
        settings, new SdUnits(model(), maker), maker, new UploadedPictures(LIMITS.maxPixels()));
  }

  private static String picture(Color color) {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 64; i++) {
      image.setRGB(i % 64, i / 64, color.getRGB());
    }
    return Base64.getEncoder().encodeToString(PngText.encode(image, Map.of()));
  }

  /** A body with fields in JSON, whose texts may be in single quotes. */
  private static ObjectNode body(String fields) throws IOException {
    String quoted =
        fields
            .replace('\'', '"')
            .replace("RED", RED)
            .replace("BLUE", BLUE)
            .replace("BLACK", BLACK)
            .replace("WHITE", WHITE);
    ObjectNode body = (ObjectNode) JSON.readTree("{" + quoted + "}");
    for (String side : List.of("width", "height")) {
      if (!body.has(side)) {
        body.put(side, 64);
      }
    }
    return body;
  }

  /** A body with one unit, to which fields are added. */
  private static ObjectNode unit(String fields) throws IOException {
    ObjectNode unit = body(fields);
    unit.remove(List.of("width", "height"));
    for (String each : List.of("model", "module", "image")) {
      if (!unit.has(each)) {
        unit.put(each, Map.of("model", "mini-canny", "module", "none", "image", RED).get(each));
      }
    }
    ArrayNode args = JSON.createArrayNode().add(unit);
    ObjectNode body = body("");
    body.putObject("alwayson_scripts").putObject("controlnet").set("args", args);
    return body;
  }

  private GenerationRequest text(JsonNode body) {
    return requests.ofText(body).request().build();
  }

  private ControlInput control(JsonNode body) {
    GenerationRequest request = text(body);
    assertThat(request.controls().list()).hasSize(1);
    return request.controls().list().get(0);
  }

  private FieldException refused(JsonNode body) {
    return refused(body, false);
  }

  private FieldException refused(JsonNode body, boolean fromImage) {
    FieldException refused =
        catchThrowableOfType(
            FieldException.class,
            () -> {
              if (fromImage) {
                requests.ofImage(body);
              } else {
                requests.ofText(body);
              }
            });
    assertThat(refused).as("%s", body).isNotNull();
    return refused;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          'stepz': 4|stepz|did you mean "steps"
          'sampler': 'Euler'|sampler|no such field
          'Steps': 4|Steps|did you mean "steps"
          'controlnet_module': 'canny'|controlnet_module|leave it out
          'steps': 'many'|steps|"many"; expected an integer
          'steps': 4.5|steps|4.5; expected an integer
          'steps': true|steps|true; expected an integer
          'steps': 1e999999999|steps|expected an integer
          'steps': 0|steps|1 to 100
          'width': [64]|width|[64]; expected an integer
          'width': 2048|width|at most 512
          'height': 2048|height|at most 512
          'width': -64|width|is -64
          'prompt': ['a', 'b']|prompt|expected a text
          'prompt': 'a cat <lora:detail:0.8>'|prompt|no folder of LoRAs
          'prompt': 'a cat AND a dog'|prompt|AND
          'negative_prompt': '<lyco:x:1>'|negative_prompt|expected LoRAs in the prompt
          'cfg_scale': 'NaN'|cfg_scale|expected a number
          'cfg_scale': 1e300000|cfg_scale|expected a number
          'enable_hr': true|enable_hr|is not here
          'enable_hr': 'maybe'|enable_hr|true or false
          'tiling': 1|tiling|is not here
          'subseed_strength': 0.5|subseed_strength|is 0.5
          'subseed': 'x'|subseed|expected a number
          'seed_resize_from_w': 512|seed_resize_from_w|is 512
          's_min_uncond': 0.2|s_min_uncond|is 0.2
          'token_merging_ratio': 0.5|token_merging_ratio|is 0.5
          'refiner_checkpoint': 'sdxl'|refiner_checkpoint|"sdxl"
          'script_name': 'x/y/z plot'|script_name|x/y/z
          'script_args': [1]|script_args|[1]
          'styles': ['photo']|styles|["photo"]
          'infotext': 'a bird'|infotext|a bird
          'n_iter': 50|n_iter|1 to 12
          'sampler_name': 'Eulr'|sampler_name|one of
          'sampler_name': 'Restart'|sampler_name|one of
          'scheduler': 'Turbo'|scheduler|Automatic, Uniform, Karras
          'scheduler': 'SGM Uniform'|scheduler|one of
          'scheduler': 3|scheduler|expected a text
          'sampler_name': 'DDIM', 'scheduler': 'Karras'|scheduler|"DDIM" has here
          'sampler_name': 'DPM++ 2M Karras', 'scheduler': 'Exponential'|scheduler|"Karras"
          'override_settings': {'sd_model_checkpoint': 'other'}|override_settings.sd_model_checkpoint|"mini"
          'override_settings': {'sd_vae': 'x.pt'}|override_settings.sd_vae|"Automatic"
          'override_settings': {'CLIP_stop_at_last_layer': 2}|override_settings.CLIP_stop_at_last_layer|did you mean "CLIP_stop_at_last_layers"
          'override_settings': {'CLIP_stop_at_last_layers': 'two'}|override_settings.CLIP_stop_at_last_layers|expected an integer
          'override_settings': {'randn_source': 'GPU'}|override_settings.randn_source|"CPU"
          'override_settings': {'eta_noise_seed_delta': 31337}|override_settings.eta_noise_seed_delta|0, as
          'override_settings': {'made_up': 1}|override_settings.made_up|no such setting
          'override_settings': [1]|override_settings|expected an object
          'init_images': ['RED']|init_images|/sdapi/v1/img2img
          'mask': 'RED'|mask|/sdapi/v1/img2img
          'alwayson_scripts': {'roop': {'args': [1]}}|alwayson_scripts.roop.args|"roop" is not here
          'alwayson_scripts': {'ADetailer': {'args': [true, {}]}}|alwayson_scripts.ADetailer.args|not here
          'alwayson_scripts': {'controlnet': []}|alwayson_scripts.controlnet|expected an object
          'alwayson_scripts': {'controlnet': {'args': [], 'arg': [1]}}|alwayson_scripts.controlnet.arg|did you mean "args"
          'alwayson_scripts': {'controlnet': {'args': [5]}}|alwayson_scripts.controlnet.args[0]|a unit
          'alwayson_scripts': {'controlnet': {'args': [true, 'canny']}}|alwayson_scripts.controlnet.args|14 values
          'alwayson_scripts': {'Seed': {'args': [6]}}, 'seed': 5|alwayson_scripts.Seed.args[0]|5, as seed says
          'alwayson_scripts': {'Seed': {'args': [5, true, -1, 0.3, 0, 0]}}, 'seed': 5|alwayson_scripts.Seed.args[3]|0.3
          'alwayson_scripts': {'Sampler': {'args': [7]}}, 'steps': 4|alwayson_scripts.Sampler.args[0]|4, as steps says
          'alwayson_scripts': {'Sampler': {'args': [4, 'DDIM']}}, 'steps': 4|alwayson_scripts.Sampler.args[1]|of the body
          'alwayson_scripts': {'Refiner': {'args': [true, 'xl', 0.8]}}|alwayson_scripts.Refiner.args|xl
          'seed': 9223372036854775808|seed|64 bits
          'seed': -2|seed|-1 for a random one
          'seed': 1.5|seed|64 bits
          'seed': '12 monkeys'|seed|64 bits
          'seed': 9223372036854775807, 'batch_size': 2|seed|9223372036854775806
          """)
  void whatNobodyReadsOrWouldChangeThePictureIsRefusedByItsPlace(
      String fields, String field, String words) throws IOException {
    FieldException refused = refused(body(fields));
    assertThat(refused.field()).isEqualTo(field);
    assertThat(refused).hasMessageStartingWith(field).hasMessageContaining(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          'guidence': 0.5|guidence|did you mean "guidance"
          'weights': 1|weights|did you mean "weight"
          'weight': 'strong'|weight|expected a number
          'model': 'mini-cany'|model|mini-canny, mini-segmentation
          'model': 'None'|model|mini-canny
          'module': 'cany'|module|"canny", or one of
          'module': 'ip-adapter_clip_sd15'|module|one of: none
          'resize_mode': 'nonsense'|resize_mode|Crop and Resize
          'resize_mode': 'ResizeMode.RESIZE'|resize_mode|Crop and Resize
          'resize_mode': 4|resize_mode|Crop and Resize
          'resize_mode': -1|resize_mode|Crop and Resize
          'resize_mode': 1.5|resize_mode|Crop and Resize
          'resize_mode': true|resize_mode|Crop and Resize
          'resize_mode': 'fill'|resize_mode|Resize and Fill
          'control_mode': 3|control_mode|Balanced
          'control_mode': 'the prompt'|control_mode|My prompt
          'control_mode': 'ControlMode.PROMPT'|control_mode|My prompt
          'guessmode': true|guessmode|control_mode
          'guidance': 0.5, 'guidance_end': 0.7|guidance|nothing beside guidance_end
          'guidance': 1.5|guidance|guidance_start to 1
          'guidance_end': -0.5|guidance_end|guidance_start to 1
          'guidance_start': 0.6, 'guidance_end': 0.5|guidance_end|0.6
          'guidance_start': 2|guidance_start|0 to 1
          'processor_res': 30|processor_res|64 to 2048
          'processor_res': 4096|processor_res|64 to 2048
          'module': 'canny', 'threshold_a': 300|threshold_a|1 to 255
          'module': 'canny', 'threshold_b': 100.5|threshold_b|an integer
          'threshold_a': 'low'|threshold_a|expected a number
          'pixel_perfect': 'perhaps'|pixel_perfect|true or false
          'mask': 'BLUE'|mask|not black
          'image': {'image': 'RED', 'mask': 'BLUE'}|image.mask|not black
          'image': {'image': 'RED', 'masks': null}|image.masks|did you mean "mask"
          'image': ['RED', 'BLUE']|image[1]|not black
          'image': [{'image': 'RED'}, {'image': 'BLUE'}]|image[1]|one picture
          'image': 'RED', 'input_image': 'BLUE'|input_image|nothing beside image
          'image': '/etc/passwd'|image|picture of control unit 0
          'image': 5|image|expected a text
          'image': null|image|no picture
          'advanced_weighting': [1, 0.5]|advanced_weighting|[1,0.5]
          'ipadapter_input': ['x']|ipadapter_input|is not here
          'input_mode': 'batch'|input_mode|"simple"
          'loopback': true|loopback|is not here
          'save_detected_map': false|save_detected_map|follow the pictures
          'effective_region_mask': 'x'|effective_region_mask|region mask
          """)
  void unitsAreReadToTheLastField(String fields, String field, String words) throws IOException {
    FieldException refused = refused(unit(fields));
    assertThat(refused.field()).isEqualTo(UNIT + "." + field);
    assertThat(refused).hasMessageStartingWith(UNIT).hasMessageContaining(words);
  }

  /** What clients send by themselves: webuiapi, the web UI's page, the extension's own classes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'subseed': -1, 'subseed_strength': 0.0, 'seed_resize_from_h': 0, 'seed_resize_from_w': -1",
        "'s_churn': 0, 's_tmax': 0, 's_tmin': 0, 's_noise': 1, 'eta': 1.0, 's_min_uncond': null",
        "'enable_hr': false, 'hr_scale': 2, 'hr_upscaler': 'Latent', 'hr_second_pass_steps': 0,"
            + " 'hr_resize_x': 0, 'hr_checkpoint_name': null, 'hr_prompt': '', 'hr_scheduler': null",
        "'firstphase_width': 0, 'denoising_strength': 0.7, 'do_not_save_grid': false",
        "'restore_faces': null, 'tiling': false, 'styles': [], 'script_name': null, 'script_args': []",
        "'override_settings': {}, 'override_settings_restore_afterwards': true, 'save_images': false",
        "'override_settings': {'sd_vae': 'Automatic', 'sd_model_checkpoint': 'mini.safetensors [ab12]'}",
        "'override_settings': {'CLIP_stop_at_last_layers': 1, 'eta_noise_seed_delta': 0}",
        "'override_settings': {'live_previews_enable': true, 'samples_format': 'PNG'}",
        "'override_settings': null, 'alwayson_scripts': null, 'comments': {}",
        "'refiner_checkpoint': '', 'refiner_switch_at': 0.8, 'force_task_id': 'task(1)'",
        "'disable_extra_networks': false, 'infotext': null, 'firstpass_image': null",
        "'init_images': [], 'mask': null, 'resize_mode': 0, 'mask_blur': 4, 'inpainting_fill': 1",
        "'sampler_index': 'Euler a', 'sampler_name': 'DDIM', 'steps': '4', 'cfg_scale': '7.5'",
        "'alwayson_scripts': {}",
        "'clip_skip': 1, 'hr_additional_modules': [], 'override_settings': {'sd_vae': 'Automatic'}",
        "'distilled_cfg_scale': 3.5, 'hr_cfg': 7, 'hr_additional_modules': ['Use same choices']",
        "'override_settings': {'forge_additional_modules': [], 'forge_preset': 'sd',"
            + " 'forge_unet_storage_dtype': 'Automatic'}",
        "'alwayson_scripts': {'Tiled Diffusion': {'args': ['False', 'MultiDiffusion']}}",
        "'alwayson_scripts': {'ControlNet': {'args': []}, 'ADetailer': {'args': [false]}}",
        "'alwayson_scripts': {'controlnet': {'args': [false]}, 'animatediff': {'args': [false]}}",
        "'alwayson_scripts': {'API payload': {'args': []}, 'Extra options': {}, 'Comments': null}",
        "'alwayson_scripts': {'Refiner': {'args': [false, '', 0.8]}, 'Hypertile': {'args': [false, 1]}}",
        "'alwayson_scripts': {'Soft Inpainting': {'args': [{'enabled': false, 'power': 1}]}}",
        "'seed': 5, 'alwayson_scripts': {'Seed': {'args': [5, false, 7, 0.4, 512, 512]}}",
        "'steps': 4, 'alwayson_scripts': {'Sampler': {'args': [4, 'Euler', 'Automatic']}}",
        "'alwayson_scripts': {'controlnet': {'args': [null, {'enabled': false, 'odd': 1}]}}",
      })
  void whatChangesNothingIsTaken(String fields) throws IOException {
    JsonNode body = body(fields);
    assertThatCode(() -> assertThat(text(body).controls().list()).isEmpty())
        .as(fields)
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'enabled': true, 'low_vram': false, 'lowvram': true, 'is_ui': false, 'hr_option': 'Both'",
        "'threshold_a': 64, 'threshold_b': 64, 'processor_res': 512, 'mask': null",
        "'threshold_a': -1, 'threshold_b': -1, 'processor_res': -1, 'guessmode': null",
        "'threshold_a': 0.5, 'threshold_b': 0.5, 'processor_res': 0.5, 'mask': 'BLACK'",
        "'input_mode': 'simple', 'batch_images': '', 'output_dir': '', 'loopback': false",
        "'guidance': 1.0, 'guidance_start': 0.0, 'guidance_end': 1.0, 'pulid_mode': 'Fidelity'",
        "'advanced_weighting': null, 'ipadapter_input': null, 'save_detected_map': true",
        "'image': {'image': 'RED', 'mask': 'BLACK'}, 'inpaint_crop_input_image': true",
        "'image': {'image': 'data:image/png;base64,RED', 'mask': null}",
        "'image': ['RED', null], 'effective_region_mask': null",
        "'image': null, 'input_image': 'RED', 'module': null, 'weight': null",
        "'model': 'mini-canny [d14c016b]', 'module': 'None', 'union_control_type': 'Unknown'",
        "'batch_image_files': [], 'batch_keyframe_idx': null, 'batch_modifiers': []",
        "'batch_input_gallery': [], 'batch_mask_gallery': null, 'image_fg': null,"
            + " 'mask_image': null, 'mask_image_fg': 'BLACK', 'generated_image': null",
      })
  void unitsTakeWhatChangesNothing(String fields) throws IOException {
    ControlInput input = control(unit(fields));
    assertThat(input.annotator()).isEmpty();
    assertThat(input.scale().at(0, 20)).isEqualTo(1);
    assertThat(input.end()).isEqualTo(1);
    assertThat(input.mode()).isEqualTo(ControlMode.BALANCED);
    assertThat(input.resizeMode()).isEqualTo(ResizeMode.CROP);
    assertThat(input.image().getRGB(1, 1) & 0xffffff).isEqualTo(0xff0000);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      textBlock =
          """
          0, STRETCH
          1, CROP
          2, FILL
          3, STRETCH
          null, CROP
          'Just Resize', STRETCH
          'Crop and Resize', CROP
          'Resize and Fill', FILL
          'Inner Fit (Scale to Fit)', CROP
          'Outer Fit (Shrink to Fit)', FILL
          'Scale to Fit (Inner Fit)', CROP
          'Envelope (Outer Fit)', FILL
          """)
  void resizeModesOfAllYears(String value, ResizeMode expected) throws IOException {
    assertThat(control(unit("'resize_mode': " + value)).resizeMode()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      textBlock =
          """
          0, BALANCED
          1, PROMPT
          2, CONTROL
          '2', CONTROL
          null, BALANCED
          'Balanced', BALANCED
          'My prompt is more important', PROMPT
          'ControlNet is more important', CONTROL
          'PROMPT', PROMPT
          'CONTROL', CONTROL
          """)
  void controlModesOfAllYears(String value, ControlMode expected) throws IOException {
    assertThat(control(unit("'control_mode': " + value)).mode()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          canny, canny
          Canny, canny
          invert (from white bg & black line), invert
          lineart_standard (from white bg & black line), lineart_standard
          lineart_realistic, lineart
          softedge_hed, hed
          softedge_hedsafe, hed
          hed_safe, hed
          softedge_pidisafe, pidinet
          t2ia_sketch_pidi, pidinet
          pidinet_scribble, scribble_pidinet
          depth, depth_midas
          normal_map, normal_midas
          segmentation, seg_ufade20k
          oneformer_coco, seg_ofcoco
          oneformer_ade20k, seg_ofade20k
          te_hed, teed
          blur_gaussian, blur
          """)
  void labelsOfModulesAreAnnotators(String label, String annotator) {
    ObjectNode body = JSON.createObjectNode().put("module", label);
    ModuleNames.Module module = ModuleNames.read(JsonFields.of(body).get("module"));
    assertThat(io.github.controlnet.Annotators.named(module.annotator()).name())
        .isEqualTo(annotator);
    assertThat(module.options().containsKey("safe")).isEqualTo(label.contains("safe"));
  }

  @Test
  void guidanceIsTheEndOfOldClients() throws IOException {
    assertThat(control(unit("'guidance': 0.5")).end()).isEqualTo(0.5);
    assertThat(control(unit("'guidance': 0.5, 'guidance_end': 0.5")).end()).isEqualTo(0.5);
    assertThat(control(unit("'guidance': 1, 'guidance_end': 0.5")).end()).isEqualTo(0.5);
    assertThat(control(unit("'guidance_start': 0.25")).start()).isEqualTo(0.25);
  }

  @Test
  void unitsComeInEveryShape() throws IOException {
    String flat =
        "[true, 'none', 'mini-canny', 0.5, 'RED', 'Just Resize', false, 512, 64, 64, 0, 0.75, false, 'Balanced'";
    String unit = "{'model': 'mini-canny', 'input_image': 'RED', 'weight': 0.5, 'guidance': 0.75}";
    for (String each :
        List.of(
            "'alwayson_scripts': {'ControlNet': {'args': " + unit + "}}",
            "'alwayson_scripts': {'ControlNet': {'args': [" + unit + "]}}",
            "'alwayson_scripts': {'ControlNet': {'args': " + flat + "]}}",
            "'controlnet_units': [" + unit + "]")) {
      ControlInput input = control(body(each));
      assertThat(input.scale().at(0, 20)).isEqualTo(0.5);
      assertThat(input.end()).isEqualTo(0.75);
    }
    String both =
        "'alwayson_scripts': {'controlnet': {'args': [%s]}}, 'controlnet_units': [%s]"
            .formatted(unit, unit);
    assertThat(refused(body(both)).field()).isEqualTo("controlnet_units");
    String two =
        "'alwayson_scripts': {'controlnet': {'args': [%s]}, 'ControlNet': {'args': [%s]}}"
            .formatted(unit, unit);
    assertThat(refused(body(two)).field()).isEqualTo("alwayson_scripts.ControlNet");
  }

  @Test
  void thresholdsThatClientsSendByThemselvesAreNoOptions() throws IOException {
    assertThat(
            control(unit("'module': 'canny', 'threshold_a': 64, 'threshold_b': 90"))
                .annotatorOptions())
        .isEqualTo(Map.of("low", "64", "high", "90"));
    for (String module : List.of("mlsd", "depth_zoe", "lineart_standard", "shuffle", "invert")) {
      ObjectNode body = JSON.createObjectNode().put("a", 64).put("b", 64);
      JsonFields fields = JsonFields.of(body);
      assertThat(Thresholds.of(module, fields.get("a"), fields.get("b"))).as(module).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      textBlock =
          """
          6687881544318117707, 6687881544318117707
          9223372036854775807, 9223372036854775807
          9007199254740993, 9007199254740993
          '6687881544318117707', 6687881544318117707
          6687881544318117707.0, 6687881544318117707
          5e3, 5000
          0, 0
          """)
  void seedsKeepTheirBits(String sent, long seed) throws IOException {
    assertThat(text(body("'seed': " + sent)).sampling().seeds()).containsExactly(seed);
    assertThat(maker().of(body("'seed': " + sent)).build().sampling().seeds())
        .containsExactly(seed);
  }

  @Test
  void imagesHaveSeedsInTurn() throws IOException {
    assertThat(text(body("'seed': 9223372036854775806, 'batch_size': 2")).sampling().seeds())
        .containsExactly(Long.MAX_VALUE - 1, Long.MAX_VALUE);
    assertThat(text(body("'seed': null, 'n_iter': 2")).sampling().seeds())
        .hasSize(2)
        .allMatch(s -> s >= 0);
    assertThat(text(body("'seed': -1")).sampling().seeds()).hasSize(1).allMatch(seed -> seed >= 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          DPM++ 2M|Automatic|dpmpp_2m_karras
          DPM++ 2M|automatic|dpmpp_2m_karras
          DPM++ 2M||dpmpp_2m_karras
          DPM++ 2M|Karras|dpmpp_2m_karras
          DPM++ 2M|Uniform|dpmpp_2m
          DPM++ 2M|Exponential|dpmpp_2m_exponential
          DPM++ 2M Karras||dpmpp_2m_karras
          DPM++ 2M Karras|Automatic|dpmpp_2m_karras
          DPM++ 2M Karras|karras|dpmpp_2m_karras
          dpm++ 2m sde|Automatic|dpmpp_2m_sde_exponential
          DPM++ 3M SDE|Automatic|dpmpp_3m_sde_exponential
          DPM2|Automatic|dpm2_karras
          DPM2 a|Automatic|dpm2_ancestral_karras
          Euler|Automatic|euler
          Euler a||euler_ancestral
          Euler|Karras|euler_karras
          DDIM|Automatic|ddim
          UniPC|Automatic|unipc
          dpmpp_2m||dpmpp_2m
          dpmpp_2m|Automatic|dpmpp_2m
          dpmpp_2m|Karras|dpmpp_2m_karras
          k_euler_a||euler_ancestral
          k_dpmpp_2m_ka||dpmpp_2m_karras
          """)
  void samplersAndSchedulesOfAllYears(String name, String schedule, String expected) {
    ObjectNode body = JSON.createObjectNode().put("sampler_name", name).put("scheduler", schedule);
    JsonFields fields = JsonFields.of(body);
    assertThat(SdSampler.find(fields.get("sampler_name"), fields.get("scheduler")))
        .isEqualTo(expected);
  }

  @Test
  void onePictureStartsAllImages() throws IOException {
    for (String wrong : List.of("'RED', 'BLUE'", "'RED', 'RED'")) {
      FieldException refused = refused(body("'init_images': [%s]".formatted(wrong)), true);
      assertThat(refused.field()).isEqualTo("init_images[1]");
      assertThat(refused).hasMessageContaining("a request for each");
    }
    assertThat(refused(body("'init_images': ['RED', 'BLUE'], 'batch_size': 2"), true).field())
        .isEqualTo("init_images[1]");
    assertThat(refused(body("'init_images': []"), true).field()).isEqualTo("init_images");
    assertThat(refused(body("'init_images': ['']"), true).field()).isEqualTo("init_images");
    assertThat(refused(body("'init_images': 'RED'"), true).field()).isEqualTo("init_images");
    // The same one for each image is what one for all is.
    JsonNode same = body("'init_images': ['RED', 'RED'], 'batch_size': 2, 'image_cfg_scale': 1.5");
    assertThat(requests.ofImage(same).request().build().initImage()).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          'denoising_strength': 1.5|denoising_strength
          'denoising_strength': 'half'|denoising_strength
          'resize_mode': 3|resize_mode
          'resize_mode': 'crop'|resize_mode
          'mask': 'WHITE', 'mask_blur': -1|mask_blur
          'mask': 'RED', 'mask_blur_x': 2, 'mask_blur_y': 6|mask_blur_y
          'mask': 'RED', 'mask_round': false|mask_round
          'mask': 'RED', 'inpainting_mask_invert': 2|inpainting_mask_invert
          'mask': '/etc/passwd'|mask
          'mask': 'BLACK'|mask
          'mask': 'WHITE', 'inpainting_fill': 4|inpainting_fill
          'mask': 'WHITE', 'inpaint_full_res_padding': -1|inpaint_full_res_padding
          'mask': {'image': 'RED'}|mask
          'latent_mask': 'RED'|latent_mask
          'initial_noise_multiplier': 0.9|initial_noise_multiplier
          'inpaint_full_res_padding': 'wide'|inpaint_full_res_padding
          'image': 'RED'|image
          """)
  void whatStartsFromAPictureIsReadToo(String fields, String field) throws IOException {
    FieldException refused = refused(body("'init_images': ['RED'], " + fields), true);
    assertThat(refused.field()).isEqualTo(field);
  }

  @Test
  void aSkippedLayerHasTwoNames() throws IOException {
    assertThat(text(body("'clip_skip': 2")).prompts().clipSkip()).isEqualTo(2);
    String both = "'clip_skip': 2, 'override_settings': {'CLIP_stop_at_last_layers': %d}";
    assertThat(text(body(both.formatted(2))).prompts().clipSkip()).isEqualTo(2);
    assertThat(refused(body(both.formatted(1))).field()).isEqualTo("clip_skip");
    assertThat(refused(body("'clip_skip': 13")).field()).isEqualTo("clip_skip");
  }

  @Test
  void settingsThatAreToldMayBeSentBack() {
    JsonNode all = JSON.valueToTree(settings.all());
    assertThat(settings.clipSkip(JsonFields.of(all))).isEqualTo(1);
    ObjectNode two = JSON.createObjectNode().put(SdSettings.CLIP_SKIP, 2);
    assertThat(settings.clipSkip(JsonFields.of(two))).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          'control': 1|control|did you mean "controls"
          'seed': 'many'|seed|64 bits
          'seed': 9223372036854775808|seed|64 bits
          'steps': 1.5|steps|an integer
          'promptSyntax': 'perhaps'|promptSyntax|literal, weighted
          'onlyMidControl': 'perhaps'|onlyMidControl|true or false
          'guidance': {'rescale': 2}|guidance.rescale|0.0 to 1.0
          'guidance': {'scale': '1..x'}|guidance.scale|FROM..TO
          'version': 2|version|newer
          'prompts': [{'text': 'a'}], 'prompt': 'b'|prompt|nothing beside
          'init': {'image': 'RED', 'maskBlur': 2}|init.maskBlur|needs a mask
          'controls': [{'scale': 1}]|controls[0].image|missing
          'controls': [{'image': 'RED', 'model': 9}]|controls[0].model|this server has
          'controls': [{'image': 'RED', 'annotator': 'canny', 'mapAnnotator': 'canny'}]|controls[0].mapAnnotator|nothing beside
          'steps': 1001|steps|1000
          'init': {'image': 'RED', 'content': 'fil'}|init.content|original, fill
          'init': {'image': 'RED', 'picture': 'RED'}|init.picture|no such field
          'init': 'RED'|init|an object
          'controls': {'image': 'RED'}|controls|a list
          'controls': ['RED']|controls[0]|an object
          'controls': [{'image': 'RED', 'resizemode': 'crop'}]|controls[0].resizemode|did you mean "resizeMode"
          'controls': [{'image': 'RED', 'resizeMode': 'Crop and Resize'}]|controls[0].resizeMode|stretch, crop, fill
          'controls': [{'image': 'RED', 'mode': 1}]|controls[0].mode|a text
          'controls': [{'image': 'RED'}, {'image': 'RED', 'annotatorOptions': {'low': null}}]|controls[1].annotatorOptions.low|a text, a number
          'controls': [{'image': 'RED', 'annotatorOptions': {'low': [1]}}]|controls[0].annotatorOptions.low|a text, a number
          """)
  void thePagesFormIsReadToTheLastField(String fields, String field, String words)
      throws IOException {
    ObjectNode form = body(fields);
    FieldException refused = catchThrowableOfType(FieldException.class, () -> maker().of(form));
    assertThat(refused.field()).isEqualTo(field);
    assertThat(refused).hasMessageContaining(words);
  }

  @ParameterizedTest
  @CsvSource({"prompt", "addedPrompt", "negativePrompt"})
  void textsThatNoRequestMayHaveAreRefusedByTheirFields(String field) {
    ObjectNode form = JSON.createObjectNode().put(field, "<lora:detail:0.8>");
    FieldException refused = catchThrowableOfType(FieldException.class, () -> maker().of(form));
    assertThat(refused.field()).isEqualTo(field);
  }

  @Test
  void aFormMayHaveNumbersAsOptions() throws IOException {
    GenerationRequest request =
        maker()
            .of(
                body(
                    "'controls': [{'image': 'RED', 'annotator': 'canny', 'annotatorOptions': {'low': 90, 'high': '91'}}]"))
            .build();
    assertThat(request.controls().list().get(0).annotatorOptions())
        .isEqualTo(Map.of("low", "90", "high", "91"));
  }

  @Test
  void aPageIsToldLargeSeedsAsTexts() {
    ObjectNode large = JSON.createObjectNode().put("seed", Long.MAX_VALUE);
    assertThat(
            new GenerationJob(GenerationRequest.builder(), large).form().path("seed").isTextual())
        .isTrue();
    ObjectNode small = JSON.createObjectNode().put("seed", 7);
    assertThat(new GenerationJob(GenerationRequest.builder(), small).form().path("seed").isNumber())
        .isTrue();
  }
}
