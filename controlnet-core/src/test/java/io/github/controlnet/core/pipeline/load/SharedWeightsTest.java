package io.github.controlnet.core.pipeline.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.pipeline.ProbeEngineProvider;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which components pipelines share, and when what is shared ends. */
@Timeout(120)
class SharedWeightsTest {
  private ProbeEngineProvider.Probe probe = new ProbeEngineProvider.Probe();
  private int before;
  @TempDir private Path folder;

  @BeforeEach
  void watch() {
    before = Shared.OF_PROCESS.size();
    probe = ProbeEngineProvider.fresh();
  }

  @AfterEach
  void nothingStays() {
    assertThat(Shared.OF_PROCESS.size()).isEqualTo(before);
    assertThat(probe.resident).isEmpty();
    assertThat(probe.made).doesNotContain("engine");
  }

  private static ControlNetPipeline.Builder builder(Path base) {
    return ControlNetPipeline.builder()
        .base(BaseModel.of(base))
        .control(ControlModel.of(Fixtures.tinyControl()))
        .engine("probe");
  }

  private static ControlNetPipeline.Builder builder() {
    return builder(Fixtures.tiny());
  }

  private static void generate(ControlNetPipeline pipeline) {
    BufferedImage map = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    pipeline.generate(
        GenerationRequest.builder()
            .prompt("a red circle")
            .size(64, 64)
            .steps(2)
            .seed(7)
            .control(ControlInput.of(map))
            .build());
  }

  private Path copy(Path from, String name) throws IOException {
    Path to = folder.resolve(name);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
    return to;
  }

  @Test
  void graceThreadsTokenizerAndAutoencoderSetPipelinesApartInNothingElse() throws IOException {
    Path vae = copy(Fixtures.tiny().resolve("vae"), "vae");
    Path tokenizer = copy(Fixtures.tiny().resolve("tokenizer"), "words");
    ControlNetPipeline first = builder().threads(1).build();
    ControlNetPipeline second =
        builder().threads(2).exitGrace(Duration.ofSeconds(3)).tokenizer(tokenizer).vae(vae).build();
    try (second) {
      generate(first);
      generate(second);
      assertThat(probe.loads)
          .containsExactlyInAnyOrder("text", "denoiser", "control", "autoencoder", "autoencoder");
      first.close();
      assertThat(probe.resident).contains("text", "denoiser", "control");
      // the U-Net came with the first, whose files stay open for it
      generate(second);
      assertThat(probe.loads).hasSize(5);
    }
  }

  @Test
  void theSameAutoencoderIsSharedUnderAnotherTextEncoder() throws IOException {
    Path text = copy(Fixtures.tiny().resolve("text_encoder"), "text_encoder");
    try (ControlNetPipeline first = builder().build();
        ControlNetPipeline second = builder().textEncoder(text).build()) {
      generate(first);
      generate(second);
      assertThat(probe.loads)
          .containsExactlyInAnyOrder("text", "text", "denoiser", "control", "autoencoder");
    }
  }

  @Test
  void equalFilesAreSharedHoweverTheyAreNamed() throws IOException {
    Path roundabout = Fixtures.tiny().resolve("../tiny");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Fixtures.tiny().toAbsolutePath());
    try (ControlNetPipeline first = builder().build();
        ControlNetPipeline second = builder(roundabout).build();
        ControlNetPipeline third = builder(link).build()) {
      for (ControlNetPipeline pipeline : List.of(first, second, third)) {
        generate(pipeline);
      }
      assertThat(probe.loads)
          .containsExactlyInAnyOrder("text", "denoiser", "control", "autoencoder");
    }
  }

  @Test
  void aFileThatWasWrittenAnewIsLoadedAnew() throws IOException {
    Path base = copy(Fixtures.tiny(), "base");
    try (ControlNetPipeline first = builder(base).build()) {
      generate(first);
      try (Stream<Path> files = Files.walk(base.resolve("unet"))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_000L));
        }
      }
      try (ControlNetPipeline second = builder(base).build()) {
        generate(second);
      }
    }
    // another U-Net is another base
    assertThat(probe.loads.stream().filter("denoiser"::equals)).hasSize(2);
  }

  @Test
  void anotherEngineOrStreamingSharesNothing() {
    try (ControlNetPipeline first = builder().build();
        ControlNetPipeline second = builder().offload(OffloadPolicy.SEQUENTIAL).build()) {
      assertThat(probe.made.stream().filter("engine"::equals)).hasSize(2);
      generate(first);
      generate(second);
      assertThat(probe.loads.stream().filter("denoiser"::equals)).hasSize(2);
    }
  }

  @Test
  void pipelinesThatAreBuiltAtOnceLoadOnce() throws Exception {
    int count = 6;
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(count);
    List<CompletableFuture<ControlNetPipeline>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = i;
      all.add(
          CompletableFuture.supplyAsync(
              () -> {
                await(start);
                ControlNetPipeline pipeline = builder().threads(1 + number % 2).build();
                generate(pipeline);
                return pipeline;
              },
              threads));
    }
    start.countDown();
    List<ControlNetPipeline> pipelines = new ArrayList<>();
    for (CompletableFuture<ControlNetPipeline> each : all) {
      pipelines.add(each.get(60, TimeUnit.SECONDS));
    }
    assertThat(probe.made)
        .containsExactlyInAnyOrder("engine", "text", "denoiser", "control", "autoencoder");
    assertThat(probe.loads).containsExactlyInAnyOrder("text", "denoiser", "control", "autoencoder");
    List<CompletableFuture<Void>> closing =
        pipelines.stream()
            .map(pipeline -> CompletableFuture.runAsync(pipeline::close, threads))
            .toList();
    for (CompletableFuture<Void> each : closing) {
      each.get(60, TimeUnit.SECONDS);
    }
    threads.shutdown();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatCannotBeOpenedLeavesNothingBehindAndSharesNoFailure() throws IOException {
    Path broken = Files.writeString(folder.resolve("vae.safetensors"), "no weights");
    assertThatThrownBy(() -> builder().vae(broken).build()).isInstanceOf(WeightsException.class);
    assertThatThrownBy(() -> builder().control(ControlModel.of(broken)).build())
        .isInstanceOf(WeightsException.class);
    assertThat(Shared.OF_PROCESS.size()).isEqualTo(before);
    try (ControlNetPipeline pipeline = builder().build()) {
      generate(pipeline);
    }
  }

  @Test
  void aThingIsMadeAnewOnceTheOldOneIsGone() throws Exception {
    Shared shared = new Shared();
    List<String> events = new ArrayList<>();
    CountDownLatch closing = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Shared.Lease<AutoCloseable> first =
        shared.lease(
            "key",
            AutoCloseable.class,
            () ->
                () -> {
                  closing.countDown();
                  goOn.await();
                  events.add("old one closed");
                });
    CompletableFuture<Void> end = CompletableFuture.runAsync(first::close);
    closing.await();
    CompletableFuture<Shared.Lease<AutoCloseable>> second =
        CompletableFuture.supplyAsync(
            () ->
                shared.lease(
                    "key",
                    AutoCloseable.class,
                    () -> {
                      events.add("new one made");
                      return () -> events.add("new one closed");
                    }));
    goOn.countDown();
    end.get(30, TimeUnit.SECONDS);
    Shared.Lease<AutoCloseable> lease = second.get(30, TimeUnit.SECONDS);
    Shared.Lease<AutoCloseable> again = lease.again();
    lease.close();
    lease.close();
    assertThat(events).containsExactly("old one closed", "new one made");
    again.close();
    assertThat(events).containsExactly("old one closed", "new one made", "new one closed");
    assertThat(shared.size()).isZero();
  }
}
