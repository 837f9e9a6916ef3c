package io.github.controlnet.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.controlnet.core.provenance.PngText;
import io.github.controlnet.core.provenance.Recipe;
import io.github.controlnet.image.Images;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ServerTest extends ServerFixture {

  @Test
  void aPageGetsItsPicturesAndWhatMadeThem() throws Exception {
    Answer accepted = post("/api/jobs", small(2));
    assertThat(accepted.status()).as(accepted.body()).isEqualTo(202);
    String id = accepted.json().path("id").asText();
    JsonNode done = over(id);
    assertThat(done.path("state").asText()).as(done.toString()).isEqualTo("DONE");
    assertThat(done.path("seeds").get(0).asLong()).isEqualTo(7);
    assertThat(done.path("parameters").get(0).asText()).startsWith("a bird\nSteps: 2");
    byte[] png = bytes("/api/jobs/" + id + "/images/0.png");
    BufferedImage picture = Images.read(new ByteArrayInputStream(png));
    assertThat(picture.getHeight()).isEqualTo(64);
    assertThat(Recipe.read(png).orElseThrow().request().build().controls().list()).hasSize(1);
    assertThat(String.join("", PngText.read(png).values())).doesNotContain("/target/demo");
    BufferedImage map =
        Images.read(new ByteArrayInputStream(bytes("/api/jobs/" + id + "/maps/0.png")));
    assertThat(map.getWidth()).isEqualTo(picture.getWidth());
    assertThat(get("/api/jobs/" + id + "/images/1.png").status()).isEqualTo(404);
    assertThat(get("/api/jobs/" + id + "/request").json().path("prompt").asText())
        .isEqualTo("a bird");

    JsonNode recipe =
        post("/api/recipes", Map.of("image", Base64.getEncoder().encodeToString(png))).json();
    assertThat(recipe.path("form").path("prompt").asText()).isEqualTo("a bird");
    assertThat(recipe.path("form").path("seed").asLong()).isEqualTo(7);
    Answer again = post("/api/jobs", recipe.path("form"));
    assertThat(again.status()).as(again.body()).isEqualTo(202);
    String second = again.json().path("id").asText();
    assertThat(over(second).path("state").asText()).isEqualTo("DONE");
    BufferedImage same =
        Images.read(new ByteArrayInputStream(bytes("/api/jobs/" + second + "/images/0.png")));
    assertThat(pixels(same)).isEqualTo(pixels(picture));
    // The form's picture is a map; its annotator is still known, also without options.
    com.fasterxml.jackson.databind.node.ObjectNode bare = recipe.path("form").deepCopy();
    ((com.fasterxml.jackson.databind.node.ObjectNode) bare.path("controls").path(0))
        .remove("mapOptions");
    assertThat(post("/api/jobs", bare).status()).isEqualTo(202);
    assertThat(recipe.path("form").path("controls").path(0).path("annotator").asText())
        .isEqualTo("none");
    assertThat(PngText.read(bytes("/api/jobs/" + second + "/images/0.png")).get("parameters"))
        .contains("Module: canny");
  }

  @Test
  void aPresetTakesThePlaceOfWhatIsNotSaid() throws Exception {
    JsonNode presets = get("/api/info").json().path("presets");
    assertThat(presets.get(0).path("name").asText()).isEqualTo("lcm");
    assertThat(presets.get(0).path("wants").asText()).contains("lcm-lora-sdv1-5");
    String made = parameters(Map.of("prompt", "a bird", "preset", "hyper-2", "seed", 7));
    assertThat(made).contains("Steps: 2, Sampler: DDIM").contains("CFG scale: 1");
    String other =
        parameters(Map.of("prompt", "a bird", "preset", "hyper-2", "seed", 7, "steps", 3));
    assertThat(other).contains("Steps: 3, Sampler: DDIM");
    Answer unknown = post("/api/jobs", Map.of("prompt", "a bird", "preset", "fast"));
    assertThat(unknown.status()).isEqualTo(422);
    assertThat(unknown.body()).contains("There is no preset", "hyper-4");
  }

  private String parameters(Map<String, Object> form) throws Exception {
    Answer accepted = post("/api/jobs", form);
    assertThat(accepted.status()).as(accepted.body()).isEqualTo(202);
    JsonNode done = over(accepted.json().path("id").asText());
    assertThat(done.path("state").asText()).as(done.toString()).isEqualTo("DONE");
    return done.path("parameters").get(0).asText();
  }

  private Answer recipe(Map<String, String> texts) throws Exception {
    byte[] png = PngText.encode(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), texts);
    return post("/api/recipes", Map.of("image", Base64.getEncoder().encodeToString(png)));
  }

  @Test
  void recordsOfOtherProgramsAreReadAsFarAsTheyMap() throws Exception {
    Answer answer =
        recipe(
            Map.of(
                "parameters",
                "a <lora:x:1>\nSteps: 3, Sampler: DPM++ 2M, Schedule type: Automatic, Eta: 1.5, Seed: 5,"
                    + " Hires prompt: \""
                    + "x".repeat(20_000)
                    + "\"\nTemplate: b"));
    JsonNode recipe = answer.json();
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(recipe.path("form").path("prompt").asText()).isEqualTo("a");
    assertThat(recipe.path("form").path("sampler").asText()).isEqualTo("dpmpp_2m_karras");
    assertThat(recipe.path("unmapped").toString())
        .contains("<lora:x:1>", "Eta: 1.5", "Hires prompt: xxx", "Template: b")
        .hasSizeLessThan(1000);
    assertThat(recipe.path("notes").toString()).contains("CFG scale, Size");
    assertThat(recipe(Map.of("Comment", "{}")).status()).isEqualTo(422);
  }

  @Test
  void recordsOfStrangersAreBounded() throws Exception {
    String control = "{\"map\": \"k\", \"scale\": 1, \"layerWeights\": []}";
    String record =
        """
        {"format": 1, "prompts": [{"text": "a"}], "imagesPerPrompt": 1, "seeds": [1], "width": 64,
         "height": 64, "steps": 2, "guidance": {"scale": [3, 4], "rescale": 0.5}, "sampler": "ddim",
         "onlyMidControl": true, "controls": [%s]}
        """;
    String all = record.formatted(String.join(",", Collections.nCopies(60, control)));
    Answer many = recipe(Map.of("controlnet-java", all, "k", encoded(2001, 2000)));
    assertThat(many.status()).isEqualTo(422);
    assertThat(many.json().path("detail").asText()).contains("4000000 pixels");
    // One picture that is named many times is sent back as often.
    BufferedImage noise = new BufferedImage(512, 512, BufferedImage.TYPE_INT_RGB);
    java.util.Random random = new java.util.Random(1);
    for (int i = 0; i < 512 * 512; i++) {
      noise.setRGB(i % 512, i / 512, random.nextInt());
    }
    String map = Base64.getEncoder().encodeToString(PngText.encode(noise, Map.of()));
    Answer large = recipe(Map.of("controlnet-java", all, "k", map));
    assertThat(large.status()).isEqualTo(422);
    assertThat(large.json().path("detail").asText()).contains("cannot be sent back");
    Answer few = recipe(Map.of("controlnet-java", record.formatted(control), "k", map));
    assertThat(few.status()).as(few.body()).isEqualTo(200);
    JsonNode form = few.json().path("form");
    assertThat(form.path("guidance").path("rescale").asDouble()).isEqualTo(0.5);
    assertThat(form.path("guidance").path("scale").toString()).isEqualTo("[3.0,4.0]");
    assertThat(form.path("onlyMidControl").asBoolean()).isTrue();
    assertThat(
            recipe(Map.of("controlnet-java", all.replace("[1]", "[]"), "k", encoded(8, 8)))
                .status())
        .isEqualTo(422);
  }

  private static String encoded(int width, int height) {
    return Base64.getEncoder()
        .encodeToString(
            PngText.encode(
                new BufferedImage(width, height, BufferedImage.TYPE_BYTE_BINARY), Map.of()));
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  @Test
  void imageToImageStartsFromThePicture() throws Exception {
    Map<String, Object> form =
        Map.of(
            "imageResolution",
            64,
            "steps",
            2,
            "seed",
            1,
            "init",
            Map.of("image", photograph(), "strength", 0.5));
    String id = post("/api/jobs", form).json().path("id").asText();
    assertThat(over(id).path("state").asText()).isEqualTo("DONE");
    assertThat(PngText.read(bytes("/api/jobs/" + id + "/images/0.png")).get("parameters"))
        .contains("Denoising strength: 0.5");
  }

  @Test
  void aMaskWithTransparencyMasksWhereItIsOpaque() throws Exception {
    BufferedImage plain = new BufferedImage(600, 400, BufferedImage.TYPE_INT_RGB);
    BufferedImage onNothing = new BufferedImage(600, 400, BufferedImage.TYPE_INT_ARGB);
    for (BufferedImage mask : List.of(plain, onNothing)) {
      mask.createGraphics().fillRect(100, 100, 200, 200);
    }
    assertThat(pixels(painted(onNothing))).isEqualTo(pixels(painted(plain)));
  }

  private BufferedImage painted(BufferedImage mask) throws Exception {
    BufferedImage photo = Images.read(Base64.getDecoder().decode(photograph()));
    assertThat(List.of(photo.getWidth(), photo.getHeight()))
        .containsExactly(mask.getWidth(), mask.getHeight());
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(mask, "png", file);
    Map<String, Object> init =
        Map.of(
            "image",
            photograph(),
            "mask",
            "data:image/png;base64," + Base64.getEncoder().encodeToString(file.toByteArray()));
    Map<String, Object> form =
        Map.of("width", 64, "height", 64, "steps", 1, "seed", 1, "init", init);
    String id = post("/api/jobs", form).json().path("id").asText();
    assertThat(over(id).path("state").asText()).isEqualTo("DONE");
    return Images.read(bytes("/api/jobs/" + id + "/images/0.png"));
  }

  @Test
  void eventsTellHowFarThingsAre() throws Exception {
    String id = post("/api/jobs", small(3)).json().path("id").asText();
    HttpResponse<String> events =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(address("/api/jobs/" + id + "/events"))).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(events.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/event-stream");
    assertThat(events.body()).contains("event:done").contains("\"state\":\"DONE\"");
    assertThat(get("/api/jobs/00000000-0000-0000-0000-000000000000/events").status())
        .isEqualTo(404);
  }

  @Test
  void theQueueHasPlacesEndsWhatIsNotWantedAndIsBounded() throws Exception {
    List<String> ids = new ArrayList<>();
    String running = post("/api/jobs", small(1000)).json().path("id").asText();
    while (get("/api/jobs/" + running).json().path("state").asText().equals("QUEUED")) {
      Thread.sleep(20);
    }
    for (int i = 0; i < 3; i++) {
      ids.add(post("/api/jobs", small(1)).json().path("id").asText());
    }
    assertThat(get("/api/jobs/" + ids.get(2)).json().path("position").asInt()).isEqualTo(4);
    Answer full = post("/api/jobs", small(1));
    assertThat(full.status()).isEqualTo(503);
    assertThat(full.json().path("detail").asText()).contains("waiting");
    JsonNode progress = get("/sdapi/v1/progress").json();
    assertThat(progress.path("state").path("job_count").asInt()).isEqualTo(4);
    assertThat(progress.path("state").path("sampling_steps").asInt()).isEqualTo(1000);
    delete("/api/jobs/" + ids.get(0));
    assertThat(get("/api/jobs/" + ids.get(0)).json().path("state").asText()).isEqualTo("CANCELLED");
    assertThat(get("/api/jobs/" + ids.get(2)).json().path("position").asInt()).isEqualTo(3);
    assertThat(post("/sdapi/v1/interrupt", Map.of()).status()).isEqualTo(200);
    assertThat(over(running).path("state").asText()).isEqualTo("CANCELLED");
    assertThat(over(ids.get(2)).path("state").asText()).isEqualTo("DONE");
  }

  @Test
  void whatCannotBeServedIsSaidInOneSentence() throws Exception {
    assertThat(refused(Map.of("steps", 0))).contains("number of steps is 0");
    assertThat(refused(Map.of("images", 99))).contains("1 to 12");
    assertThat(refused(Map.of("sampler", "no-such"))).contains("no-such");
    assertThat(refused(Map.of("imageResolution", 4096))).contains("4096");
    assertThat(refused(Map.of("width", 100, "height", 4096))).contains("at most 256");
    assertThat(refused(Map.of("seed", "many"))).contains("seed");
    assertThat(refused(Map.of("control", 1))).contains("control");
    assertThat(refused(control(Map.of()))).contains("controls[0].image is missing");
    assertThat(refused(control(Map.of("image", "/etc/passwd")))).contains("not a picture");
    assertThat(refused(control(Map.of("image", "file:///etc/passwd")))).contains("base64");
    assertThat(refused(control(Map.of("image", "http://localhost/x.png")))).contains("base64");
    assertThat(refused(control(Map.of("image", photograph(), "model", 3)))).contains("model 3");
    assertThat(
            refused(
                control(
                    Map.of(
                        "image",
                        photograph(),
                        "annotator",
                        "canny",
                        "annotatorOptions",
                        Map.of("low", "9999")))))
        .contains("low");
    assertThat(post("/api/jobs", List.of()).status()).isEqualTo(422);
  }

  @Test
  void bodiesAreReadToTheLastField() throws Exception {
    Map<String, Map<String, Object>> bodies =
        Map.of(
            "/api/annotations",
            Map.of("image", photograph(), "annotator", "canny", "optionen", Map.of()),
            "/api/recipes",
            Map.of("image", photograph(), "form", 1),
            "/api/session",
            Map.of("key", "k", "user", "u"),
            "/sdapi/v1/png-info",
            Map.of("image", photograph(), "form", 1),
            "/sdapi/v1/options",
            Map.of("sd_modell", "mini"),
            "/controlnet/detect",
            Map.of("controlnet_input_images", List.of(photograph()), "resolution", 64),
            "/controlnet/txt2img",
            Map.of("width", 64, "height", 64, "controlnet_input_image", List.of()));
    for (Map.Entry<String, Map<String, Object>> each : bodies.entrySet()) {
      Answer answer = post(each.getKey(), each.getValue());
      assertThat(answer.status()).as(each.getKey() + answer.body()).isEqualTo(422);
      assertThat(answer.json().path("field").asText())
          .as(each.getKey())
          .isIn("optionen", "form", "user", "sd_modell", "resolution", "controlnet_input_image");
    }
    Map<String, Object> none = new java.util.HashMap<>();
    none.put("low", null);
    Answer option =
        post(
            "/api/annotations",
            Map.of("image", photograph(), "annotator", "canny", "options", none));
    assertThat(option.json().path("field").asText()).isEqualTo("options.low");
    for (String broken : List.of("{\"seed\":1,\"seed\":2}", "[".repeat(100), "{} {}", "{\"a\"")) {
      Answer answer = send(raw("/api/jobs", broken));
      assertThat(answer.status()).as(broken + answer.body()).isBetween(400, 422);
      assertThat(answer.json().path("detail").asText()).startsWith("The ");
    }
  }

  private HttpRequest raw(String path, String body) {
    return HttpRequest.newBuilder(URI.create(address(path)))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  @Test
  void noReplyNamesFoldersOfTheMachine() throws Exception {
    String here = Path.of("").toAbsolutePath().toString();
    for (String path :
        List.of(
            "/api/info",
            "/sdapi/v1/sd-models",
            "/sdapi/v1/options",
            "/controlnet/model_list",
            "/actuator/health",
            "/actuator/info",
            "/actuator/metrics",
            "/actuator/prometheus",
            "/openapi.json",
            "/error")) {
      assertThat(get(path).body())
          .as(path)
          .doesNotContain(here)
          .doesNotContain(System.getProperty("user.home") + "/");
    }
    assertThat(get("/error").status()).isEqualTo(404);
  }

  private static Map<String, Object> control(Map<String, Object> values) {
    return Map.of("controls", List.of(values));
  }

  private String refused(Map<String, Object> form) throws Exception {
    Answer answer = post("/api/jobs", form);
    assertThat(answer.status()).as(answer.body()).isEqualTo(422);
    return answer.json().path("detail").asText();
  }

  @Test
  void aLargePictureIsRefusedBeforeItIsUnpacked() throws Exception {
    BufferedImage white = new BufferedImage(3000, 3000, BufferedImage.TYPE_BYTE_BINARY);
    String encoded = Base64.getEncoder().encodeToString(PngText.encode(white, Map.of()));
    assertThat(refused(control(Map.of("image", encoded)))).contains("3000 x 3000");
  }

  @Test
  void manyPicturesOfSmallFilesAreRefusedBeforeTheyFillTheMemory() throws Exception {
    BufferedImage white = new BufferedImage(1000, 990, BufferedImage.TYPE_BYTE_BINARY);
    String encoded = Base64.getEncoder().encodeToString(PngText.encode(white, Map.of()));
    Map<String, Object> one = Map.of("image", encoded, "model", 0);
    assertThat(refused(Map.of("controls", Collections.nCopies(5, one))))
        .contains("controls[4].image")
        .contains("4000000");
    Answer detect =
        post(
            "/controlnet/detect",
            Map.of(
                "controlnet_module",
                "canny",
                "controlnet_processor_res",
                64,
                "controlnet_input_images",
                Collections.nCopies(5, encoded)));
    assertThat(detect.status()).isEqualTo(422);
  }

  @Test
  void aLongStripIsNotEnlargedForAnAnnotator() throws Exception {
    BufferedImage strip = new BufferedImage(64, 1024, BufferedImage.TYPE_BYTE_BINARY);
    String encoded = Base64.getEncoder().encodeToString(PngText.encode(strip, Map.of()));
    Answer answer =
        post(
            "/api/annotations", Map.of("image", encoded, "annotator", "canny", "resolution", 1024));
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().path("detail").asText()).contains("1024 x 16384");
    Map<String, Object> form =
        Map.of(
            "width",
            64,
            "controls",
            List.of(Map.of("image", encoded, "annotator", "canny", "detectResolution", 1024)));
    assertThat(refused(form)).contains("1024 x 16384");
  }

  @Test
  void whatIsNotThereIsSaidInOneSentenceToo() throws Exception {
    String nowhere = "/api/jobs/00000000-0000-0000-0000-000000000000";
    assertThat(get(nowhere).status()).isEqualTo(404);
    assertThat(get(nowhere).json().path("detail").asText()).isEqualTo("no such job");
    assertThat(get("/api/jobs/x").status()).isEqualTo(400);
    assertThat(get("/api/jobs/x").json().path("detail").asText()).contains("x where id");
    assertThat(get("/nowhere").status()).isEqualTo(404);
    assertThat(post("/api/recipes", Map.of()).status()).isEqualTo(422);
    assertThat(post("/sdapi/v1/png-info", Map.of()).status()).isEqualTo(422);
    for (String other : List.of("zzz", "/9j/4AAQSkZJRg==")) {
      Answer noPng = post("/sdapi/v1/png-info", Map.of("image", other));
      assertThat(noPng.status()).isEqualTo(422);
      assertThat(noPng.json().path("detail").asText()).contains("expected a PNG");
    }
  }

  @Test
  void aLargeBodyIsRefusedDeclaredOrNot() throws Exception {
    String much = "x".repeat(3 << 20);
    assertThat(post("/api/jobs", Map.of("prompt", much)).status()).isEqualTo(413);
    // In chunks, with no length.
    HttpRequest chunked =
        HttpRequest.newBuilder(URI.create(address("/api/jobs")))
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofInputStream(
                    () ->
                        new ByteArrayInputStream(
                            ("{\"prompt\":\"" + much + "\"}").getBytes(StandardCharsets.UTF_8))))
            .build();
    assertThat(send(chunked).status()).isEqualTo(413);
  }

  @Test
  void pagesElsewhereCannotReachIt() throws Exception {
    assertThat(raw("Host: evil.example")).contains(" 403 ");
    assertThat(raw("Host: 127.0.0.1:" + port)).contains(" 200 ");
    HttpRequest foreign =
        HttpRequest.newBuilder(URI.create(address("/sdapi/v1/interrupt")))
            .header("Content-Type", "application/json")
            .header("Sec-Fetch-Site", "cross-site")
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    assertThat(send(foreign).status()).isEqualTo(403);
    for (String path : List.of("/../pom.xml", "/assets/..%2f..%2fapplication.properties")) {
      assertThat(get(path).status()).as(path).isBetween(400, 404);
    }
  }

  private String raw(String host) throws IOException {
    try (Socket socket = new Socket(java.net.InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write(
              ("GET /api/info HTTP/1.1\r\n" + host + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readNBytes(60), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void everyAnnotatorAndSamplerIsThereByItself() throws Exception {
    JsonNode info = get("/api/info").json();
    assertThat(info.path("annotators").findValuesAsText("name"))
        .containsAll(
            io.github.controlnet.Annotators.all().stream().map(each -> each.name()).toList());
    assertThat(info.path("samplers").findValuesAsText("name"))
        .containsExactlyElementsOf(io.github.controlnet.Samplers.names());
    // of the bundled model, which does not know the usual words
    assertThat(info.path("defaults").path("negativePrompt").asText()).isEmpty();
    assertThat(info.path("defaults").path("guidanceScale").asDouble()).isEqualTo(3);
    JsonNode map =
        post(
                "/api/annotations",
                Map.of("image", photograph(), "annotator", "canny", "resolution", 64))
            .json();
    assertThat(map.path("height").asInt()).isEqualTo(64);
  }

  @Test
  void healthMetricsAndOpenApiAreThere() throws Exception {
    JsonNode health = get("/actuator/health").json();
    assertThat(health.path("status").asText()).isEqualTo("UP");
    assertThat(health.path("components").path("controlnet").path("details").has("waiting"))
        .isTrue();
    assertThat(get("/actuator/prometheus").body()).contains("controlnet_jobs_waiting");
    JsonNode paths = get("/openapi.json").json().path("paths");
    for (String path :
        List.of(
            "/api/jobs",
            "/api/jobs/{id}/events",
            "/sdapi/v1/txt2img",
            "/sdapi/v1/img2img",
            "/controlnet/detect")) {
      assertThat(paths.has(path)).as(path).isTrue();
    }
  }
}
