package io.github.controlnet.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.PipelineClosedException;
import io.github.controlnet.image.Images;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class StarterTest {
  @TempDir private static Path folder;
  private static DemoModel demo =
      new DemoModel(Path.of(""), Path.of(""), Path.of(""), Path.of(""), Path.of(""));

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(ControlNetAutoConfiguration.class));

  @BeforeAll
  static void unpack() {
    demo = DemoModel.extract(folder.resolve("demo"));
  }

  @Test
  void propertiesMakeAPipeline() {
    runner
        .withPropertyValues(
            "controlnet.base=" + demo.base(),
            "controlnet.controls=" + demo.control(),
            "controlnet.sampler=euler",
            "controlnet.offload=model",
            "controlnet.threads=1")
        .run(
            context -> {
              ControlNetPipeline pipeline = context.getBean(ControlNetPipeline.class);
              assertThat(pipeline.info().controls()).hasSize(1);
              assertThat(context.getBean(AnnotatorContext.class).threads()).isEqualTo(1);
              GenerationRequest request =
                  GenerationRequest.builder()
                      .control(ControlInput.annotate(Images.read(demo.photograph()), "canny"))
                      .size(64, 64)
                      .steps(1)
                      .build();
              assertThat(pipeline.generate(request).provenance().resolved().sampler())
                  .isEqualTo("euler");
            });
  }

  @Test
  void withoutABaseThereIsNoPipelineAndAnOwnOneIsLeftAlone() {
    runner.run(
        context ->
            assertThat(context)
                .doesNotHaveBean(ControlNetPipeline.class)
                .doesNotHaveBean(AnnotatorContext.class));
    ControlNetPipeline own = ControlNetPipeline.builder().base(base()).build();
    runner
        .withPropertyValues("controlnet.base=" + demo.base())
        .withBean("own", ControlNetPipeline.class, () -> own)
        .run(context -> assertThat(context.getBean(ControlNetPipeline.class)).isSameAs(own));
  }

  private static io.github.controlnet.model.BaseModel base() {
    return io.github.controlnet.model.BaseModel.of(demo.base());
  }

  @Test
  void aWrongBaseFailsTheStartAndIsNamed() {
    runner
        .withPropertyValues("controlnet.base=no-such-file")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .satisfies(e -> assertThat(e.getMessage()).contains("no-such-file")));
    runner
        .withPropertyValues("controlnet.base=" + demo.base(), "controlnet.precision=float7")
        .run(context -> assertThat(context).hasFailed());
  }

  @Test
  void theEndOfTheApplicationEndsWhatRuns() {
    CountDownLatch running = new CountDownLatch(1);
    AtomicReference<CompletableFuture<Throwable>> generation = new AtomicReference<>();
    AtomicReference<ControlNetPipeline> kept = new AtomicReference<>();
    GenerationRequest request =
        GenerationRequest.builder()
            .size(64, 64)
            .steps(1000)
            .listener(step -> running.countDown())
            .build();
    runner
        .withPropertyValues("controlnet.base=" + demo.base())
        .run(
            context -> {
              ControlNetPipeline pipeline = context.getBean(ControlNetPipeline.class);
              kept.set(pipeline);
              generation.set(
                  CompletableFuture.supplyAsync(() -> pipeline.generate(request))
                      .handle((result, problem) -> problem));
              assertThat(running.await(60, TimeUnit.SECONDS)).isTrue();
            });
    assertThat(generation.get().join()).hasRootCauseInstanceOf(GenerationCancelledException.class);
    assertThatThrownBy(() -> kept.get().generate(request))
        .isInstanceOf(PipelineClosedException.class);
  }

  @Test
  void aSignalLetsTheApplicationAnswerFirst() throws Exception {
    Process process =
        new ProcessBuilder(
                command(System.getProperty("java.class.path"), SlowApplication.class.getName()))
            .redirectErrorStream(true)
            .start();
    List<String> said = new ArrayList<>();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        said.add(line);
        if (line.equals("step 1")) {
          process.toHandle().destroy(); // the process itself would close what is read here
        }
      }
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.waitFor()).as(String.join("\n", said)).isEqualTo(143);
    assertThat(said).contains("stopping", "answered 1");
    assertThat(said.indexOf("stopping")).isLessThan(said.indexOf("step " + SlowApplication.STEPS));
  }

  @Test
  void editorsFindThePropertiesWithTypesAndDefaults() throws IOException {
    List<URL> all = new ArrayList<>();
    getClass()
        .getClassLoader()
        .getResources("META-INF/spring-configuration-metadata.json")
        .asIterator()
        .forEachRemaining(all::add);
    URL own =
        all.stream()
            .filter(url -> !url.toString().contains("spring-boot"))
            .filter(url -> !url.toString().contains("/org/springframework/"))
            .findFirst()
            .orElseGet(
                () ->
                    all.stream()
                        .filter(url -> url.toString().contains("controlnet-spring-boot-starter"))
                        .findFirst()
                        .orElseThrow());
    JsonNode properties = new ObjectMapper().readTree(own).path("properties");
    assertThat(properties.findValuesAsText("name"))
        .contains("controlnet.base", "controlnet.controls", "controlnet.offload");
    for (JsonNode property : properties) {
      assertThat(property.path("description").asText()).as(property.toString()).isNotEmpty();
    }
  }

  /** The application of docs/spring.md; only its paths are exchanged for the bundled model's. */
  @Test
  void theApplicationOfTheDocumentationRuns() throws Exception {
    String page = Files.readString(Path.of("../../docs/spring.md"));
    Matcher java = Pattern.compile("(?s)```java\\n(.*?)```").matcher(page);
    Matcher properties = Pattern.compile("(?s)```properties\\n(.*?)```").matcher(page);
    assertThat(java.find() && properties.find()).isTrue();
    Path picture = folder.resolve("bird.png");
    String program = java.group(1);
    assertThat(program).contains("\"bird.jpg\"", "\"bird.png\"");
    long lines =
        program
            .lines()
            .filter(line -> !line.isBlank() && !line.matches("(import|package) .*"))
            .count();
    assertThat(lines).isLessThanOrEqualTo(10);
    program =
        program
            .replace("\"bird.jpg\"", literal(demo.photograph()))
            .replace("\"bird.png\"", literal(picture))
            // In fewer steps: that it runs does not depend on their number.
            .replace(".prompt(", ".steps(1).imageResolution(64).prompt(");
    Path source = Files.writeString(folder.resolve("Birds.java"), program);
    String path = System.getProperty("java.class.path");
    String[] options = {
      "-Xlint:all", "-proc:none", "-d", folder.toString(), "-cp", path, source.toString()
    };
    assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, options)).isZero();
    String base = properties.group(1);
    assertThat(base).contains("controlnet.base=", "controlnet.controls=");
    Path log = folder.resolve("birds.log");
    Process process =
        new ProcessBuilder(
                command(
                    folder + File.pathSeparator + path,
                    "com.example.Birds",
                    "--controlnet.controls=" + demo.control()))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
    assertThat(Images.read(picture).getHeight()).isEqualTo(64);
  }

  /** Starts an application with the bundled base. */
  private static List<String> command(String classPath, String main, String... more) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", classPath, main));
    command.addAll(List.of("--controlnet.base=" + demo.base(), "--controlnet.threads=1"));
    command.addAll(List.of(more));
    return command;
  }

  private static String literal(Path path) {
    return "\"" + path.toString().replace("\\", "\\\\") + "\"";
  }
}
