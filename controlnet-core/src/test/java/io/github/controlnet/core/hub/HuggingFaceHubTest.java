package io.github.controlnet.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.HubReference;
import io.github.controlnet.progress.DownloadProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HuggingFaceHubTest {
  private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";
  private static final HubReference MODEL = HubReference.of(FakeHub.REPOSITORY);

  @TempDir private Path folder;
  private FakeHub server;
  private HubOptions options;
  private Path repository;

  @BeforeEach
  void start() {
    server = new FakeHub();
    Path cache = folder.resolve("hub");
    options =
        HubOptions.of(java.util.Map.of(), folder)
            .withCache(cache)
            .withEndpoint(server.endpoint())
            .withToken("hf_secret")
            .withTimeout(Duration.ofSeconds(20))
            .withAttempts(3, Duration.ofMillis(1));
    repository = cache.resolve("models--someone--some-model");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HuggingFaceHub hub() {
    return new HuggingFaceHub(options);
  }

  /** A control of 200 kB of noise. */
  private byte[] control() {
    byte[] weights = new byte[200_000];
    new Random(1).nextBytes(weights);
    server.put("config.json", "{}");
    server.files.put(WEIGHTS, weights);
    return weights;
  }

  private void nothingUnderAFinalName() throws IOException {
    assertThat(repository.resolve("blobs").resolve(server.etag(WEIGHTS))).doesNotExist();
    assertThat(repository.resolve("refs/main")).doesNotExist();
    assertThat(repository.resolve("snapshots").resolve(FakeHub.COMMIT).resolve(WEIGHTS))
        .doesNotExist();
  }

  private void put(Path model) throws IOException {
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        server.files.put(
            model.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
      }
    }
  }

  @Test
  void aTokenizerThatIsOneFileIsEnough() throws IOException {
    put(Fixtures.tiny());
    server.files.keySet().removeIf(name -> name.startsWith("tokenizer/"));
    server.put("tokenizer/tokenizer_config.json", "{}");
    assertThatThrownBy(() -> hub().download(MODEL))
        .hasMessageContainingAll("tokenizer/vocab.json", "tokenizer/merges.txt");
    server.put("tokenizer/tokenizer.json", "{}");
    assertThat(hub().download(MODEL).resolve("tokenizer/tokenizer.json")).isRegularFile();
  }

  @Test
  void aBaseArrivesInTheLayoutOfPythonAndOpens() throws IOException {
    put(Fixtures.tiny());
    server.put("README.md", "not needed");
    server.put("tiny.ckpt", "not needed");
    server.put("safety_checker/model.safetensors", "not needed");
    server.put("unet/diffusion_pytorch_model.bin", "not needed");
    server.put("unet/diffusion_pytorch_model.fp16.safetensors", "not needed");
    List<DownloadProgress> heard = new ArrayList<>();
    Path snapshot = hub().download(MODEL, heard::add);

    assertThat(snapshot).isEqualTo(repository.resolve("snapshots").resolve(FakeHub.COMMIT));
    assertThat(Files.readString(repository.resolve("refs/main"))).isEqualTo(FakeHub.COMMIT);
    Path weights = snapshot.resolve("unet").resolve(WEIGHTS);
    assertThat(Files.readSymbolicLink(weights))
        .isEqualTo(Path.of("../../../blobs", server.etag("unet/" + WEIGHTS)));
    assertThat(snapshot.resolve("tokenizer/merges.txt")).isRegularFile();
    assertThat(snapshot.resolve("README.md")).doesNotExist();
    assertThat(snapshot.resolve("tiny.ckpt")).doesNotExist();
    assertThat(snapshot.resolve("safety_checker")).doesNotExist();
    assertThat(snapshot.resolve("unet/diffusion_pytorch_model.bin")).doesNotExist();
    assertThat(snapshot.resolve("unet/diffusion_pytorch_model.fp16.safetensors")).doesNotExist();
    try (BaseWeights base = BaseWeights.open(snapshot, Optional.empty())) {
      assertThat(base.tokenizer()).isPresent();
    }
    DownloadProgress last = heard.get(heard.size() - 1);
    assertThat(last.bytes()).isEqualTo(last.totalSize()).isPositive();
    assertThat(last.fileBytes()).isEqualTo(last.fileSize());

    server.requests.clear();
    assertThat(hub().download(MODEL, progress -> {})).isEqualTo(snapshot);
    assertThat(server.requests).isEmpty();
  }

  @Test
  void aControlArrivesAndOpens() throws IOException {
    put(Fixtures.tinyControl());
    Path snapshot = hub().download(MODEL);
    try (ControlWeights control = ControlWeights.open(snapshot, Optional.empty())) {
      assertThat(control.weights().tensors()).isNotEmpty();
    }
  }

  @Test
  void oneFileArrivesWithTheConfigurationBesideIt() {
    server.put("annotators/ckpts/body.pth", "weights");
    server.put("models/control.pth", "weights");
    server.put("models/control.yaml", "model: {}");
    Path file = hub().download(HubReference.of(FakeHub.REPOSITORY + "/models/control.pth"));
    assertThat(file).hasContent("weights").hasFileName("control.pth");
    assertThat(file.resolveSibling("control.yaml")).hasContent("model: {}");
    assertThat(repository.resolve("snapshots").resolve(FakeHub.COMMIT).resolve("annotators"))
        .doesNotExist();
  }

  @Test
  void theTokenGoesToTheHubAndNowhereElse() {
    control();
    hub().download(MODEL);
    assertThat(server.count("storage")).isPositive();
    assertThat(server.requests)
        .allSatisfy(
            request ->
                assertThat(request.authorization())
                    .isEqualTo(request.server().equals("hub") ? "Bearer hf_secret" : "null"));
    assertThat(options.toString()).doesNotContain("hf_secret");
  }

  @Test
  void aCutConnectionIsContinuedWhereItEnded() {
    byte[] weights = control();
    server.cuts.set(2);
    assertThat(hub().download(MODEL).resolve(WEIGHTS)).hasBinaryContent(weights);
    assertThat(server.requests.stream().filter(request -> request.server().equals("storage")))
        .extracting(FakeHub.Request::range)
        .containsExactly("null", "bytes=100000-", "bytes=150000-");
  }

  @Test
  void theNextProcessContinuesWhereTheLastOneEnded() throws IOException {
    byte[] weights = control();
    server.cuts.set(1);
    options = options.withAttempts(1, Duration.ZERO);
    assertThatThrownBy(() -> hub().download(MODEL))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("the connection was cut")
        .hasMessageContaining("continues where this one ended");
    nothingUnderAFinalName();
    assertThat(repository.resolve("blobs").resolve(server.etag(WEIGHTS) + ".incomplete"))
        .hasBinaryContent(Arrays.copyOf(weights, 100_000));

    server.requests.clear();
    assertThat(hub().download(MODEL).resolve(WEIGHTS)).hasBinaryContent(weights);
    assertThat(server.requests).extracting(FakeHub.Request::range).contains("bytes=100000-");
    assertThat(repository.resolve("blobs").resolve(server.etag(WEIGHTS) + ".incomplete"))
        .doesNotExist();
  }

  @Test
  void aServerWithoutRangesMeansFromTheBeginning() {
    byte[] weights = control();
    server.cuts.set(1);
    server.ignoreRanges = true;
    assertThat(hub().download(MODEL).resolve(WEIGHTS)).hasBinaryContent(weights);
  }

  @Test
  void aWrongRestOfAnEarlierDownloadIsThrownAway() throws IOException {
    byte[] weights = control();
    Files.createDirectories(repository.resolve("blobs"));
    Files.write(
        repository.resolve("blobs").resolve(server.etag(WEIGHTS) + ".incomplete"),
        new byte[50_000]);
    assertThat(hub().download(MODEL).resolve(WEIGHTS)).hasBinaryContent(weights);
  }

  @Test
  void wrongBytesAreThrownAway() throws IOException {
    control();
    server.wrongBytes = true;
    assertThatThrownBy(() -> hub().download(MODEL))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(WEIGHTS)
        .hasMessageContaining("expected the hash " + server.etag(WEIGHTS));
    nothingUnderAFinalName();
    assertThat(repository.resolve("blobs").resolve(server.etag(WEIGHTS) + ".incomplete"))
        .doesNotExist();
  }

  @Test
  void aServerThatFallsSilentIsNotWaitedForForEver() throws IOException {
    control();
    server.silent = true;
    options = options.withTimeout(Duration.ofMillis(300)).withAttempts(1, Duration.ZERO);
    assertThatThrownBy(() -> hub().download(MODEL))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("nothing arrived for 0.3 seconds");
    nothingUnderAFinalName();
  }

  @Test
  void anInterruptEndsItAndLeavesNoHalfFile() throws Exception {
    control();
    server.silent = true;
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      List<Thread> runner = new java.util.concurrent.CopyOnWriteArrayList<>();
      Future<Throwable> failure =
          threads.submit(
              () -> {
                runner.add(Thread.currentThread());
                try {
                  hub().download(MODEL);
                  throw new AssertionError("not interrupted");
                } catch (GenerationCancelledException e) {
                  assertThat(Thread.interrupted()).isTrue();
                  return e;
                }
              });
      while (server.count("storage") == 0) {
        Thread.sleep(5);
      }
      runner.get(0).interrupt();
      assertThat(failure.get()).hasMessageContaining("was interrupted");
    } finally {
      threads.shutdownNow();
    }
    nothingUnderAFinalName();
  }

  @Test
  void aListenerThatThrowsEndsIt() {
    control();
    assertThatThrownBy(
            () ->
                hub()
                    .download(
                        MODEL,
                        progress -> {
                          throw new IllegalStateException("enough");
                        }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("enough");
    assertThat(repository.resolve("refs/main")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503})
  void troubleThatPassesIsWaitedFor(int status) {
    byte[] weights = control();
    server.failureStatus = status;
    server.failures.set(2);
    assertThat(hub().download(MODEL).resolve(WEIGHTS)).hasBinaryContent(weights);
  }

  @Test
  void troubleThatStaysIsSaid() {
    control();
    server.failures.set(1000);
    assertThatThrownBy(() -> hub().download(MODEL))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("503")
        .hasMessageContaining("HF_ENDPOINT");
    assertThat(server.requests).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void aGatedRepositorySaysHowToGetIn(int status) {
    control();
    server.refusal = status;
    assertThatThrownBy(() -> hub().download(MODEL))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(String.valueOf(status))
        .hasMessageContaining("accept the licence at " + server.endpoint() + "/someone/some-model")
        .hasMessageContaining("HF_TOKEN")
        .hasMessageNotContaining("hf_secret");
    assertThat(server.requests).hasSize(1);
  }

  @Test
  void whatIsNotThereIsNamed() {
    control();
    assertThatThrownBy(() -> hub().download(HubReference.of("someone/another")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("no repository someone/another");
    assertThatThrownBy(() -> hub().download(MODEL.withRevision("v9")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("no revision \"v9\"");
    assertThatThrownBy(() -> hub().download(MODEL.withFile("other.safetensors")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("no file other.safetensors")
        .hasMessageContaining(WEIGHTS);
  }

  @Test
  void aRepositoryOfLooseFilesIsExplained() {
    server.put("one.safetensors", "1");
    server.put("two.ckpt", "2");
    assertThatThrownBy(() -> hub().download(MODEL))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("one.safetensors, two.ckpt")
        .hasMessageContaining("someone/some-model/FILE");
  }

  @Test
  void aServerThatIsNotThereIsSaid() {
    String gone = server.endpoint();
    server.close();
    options = options.withEndpoint(gone);
    assertThatThrownBy(() -> hub().download(MODEL))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("localhost cannot be reached");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../evil.json", "a/../../evil.json", "/etc/evil.json", "a\\\\..\\\\b"})
  void namesThatLeadOutAreRefused(String name) {
    control();
    server.put(name, "{}");
    assertThatThrownBy(() -> hub().download(MODEL))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("leads out of its folder");
    assertThat(repository).doesNotExist();
  }

  @Test
  void whatPythonFetchedIsUsedWithoutARequest() throws IOException {
    byte[] weights = control();
    Path snapshot = pythonsCache(weights);
    assertThat(hub().download(MODEL)).isEqualTo(snapshot);
    assertThat(hub().download(MODEL.withRevision(FakeHub.COMMIT))).isEqualTo(snapshot);
    assertThat(hub().download(MODEL.withFile(WEIGHTS))).isEqualTo(snapshot.resolve(WEIGHTS));
    assertThat(server.requests).isEmpty();
  }

  private Path pythonsCache(byte[] weights) throws IOException {
    Path blobs = Files.createDirectories(repository.resolve("blobs"));
    Path snapshot = Files.createDirectories(repository.resolve("snapshots/" + FakeHub.COMMIT));
    Files.createDirectories(repository.resolve("refs"));
    Files.writeString(repository.resolve("refs/main"), FakeHub.COMMIT);
    Files.write(blobs.resolve(server.etag(WEIGHTS)), weights);
    Files.writeString(blobs.resolve(server.etag("config.json")), "{}");
    for (String name : List.of(WEIGHTS, "config.json")) {
      Files.createSymbolicLink(snapshot.resolve(name), Path.of("../../blobs", server.etag(name)));
    }
    return snapshot;
  }

  @Test
  void offlineAsksNobodyAndNamesWhatIsMissing() throws IOException {
    byte[] weights = control();
    options = options.withOffline(true).withRefresh(true);
    assertThatThrownBy(() -> hub().download(MODEL))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("HF_HUB_OFFLINE")
        .hasMessageContaining("nothing of it at the revision \"main\"");
    Path snapshot = pythonsCache(weights);
    assertThat(hub().download(MODEL)).isEqualTo(snapshot);
    Files.delete(repository.resolve("blobs").resolve(server.etag(WEIGHTS)));
    assertThatThrownBy(() -> hub().download(MODEL)).hasMessageContaining("lacks " + WEIGHTS);
    assertThat(server.requests).isEmpty();

    options = options.withOffline(false).withRefresh(false);
    assertThat(hub().download(MODEL).resolve(WEIGHTS)).hasBinaryContent(weights);
  }

  @Test
  void revisionsArePinned() throws IOException {
    control();
    String other = "f".repeat(40);
    server.revisions.put("v1", other);
    Path tagged = hub().download(MODEL.withRevision("v1"));
    assertThat(tagged).hasFileName(other);
    assertThat(Files.readString(repository.resolve("refs/v1"))).isEqualTo(other);
    assertThat(repository.resolve("refs/main")).doesNotExist();

    assertThat(hub().download(MODEL)).hasFileName(FakeHub.COMMIT);
    // the contents are the same: they are stored once, and fetched once
    assertThat(server.requests.stream().filter(request -> request.server().equals("storage")))
        .hasSize(1);

    server.revisions.put("main", other);
    assertThat(hub().download(MODEL)).hasFileName(FakeHub.COMMIT);
    options = options.withRefresh(true);
    assertThat(hub().download(MODEL)).hasFileName(other);
    assertThat(Files.readString(repository.resolve("refs/main"))).isEqualTo(other);
  }

  @Test
  void twoThreadsFetchAFileOnce() throws Exception {
    byte[] weights = control();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Callable<Path> fetch = () -> new HuggingFaceHub(options).download(MODEL);
      for (Future<Path> done : threads.invokeAll(List.of(fetch, fetch, fetch, fetch))) {
        assertThat(done.get().resolve(WEIGHTS)).hasBinaryContent(weights);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(server.count("storage")).isEqualTo(1);
  }

  @Test
  void withoutLinksTheSnapshotHoldsCopies() throws IOException {
    HubCache cache = new HubCache(options.cache(), MODEL, false);
    RemoteFile file = new RemoteFile("unet/config.json", "abc", 2);
    Files.createDirectories(cache.blobs());
    Files.writeString(cache.blob("abc"), "{}");
    cache.publish(FakeHub.COMMIT, file);
    Path place = cache.snapshot(FakeHub.COMMIT).resolve("unet/config.json");
    assertThat(place).hasContent("{}");
    assertThat(Files.isSymbolicLink(place)).isFalse();
    try (Stream<Path> left = Files.list(place.getParent())) {
      assertThat(left).containsExactly(place);
    }
  }

  @Test
  void aFullDiskIsSaidBeforeAnythingIsFetched() throws IOException {
    HubCache cache = new HubCache(options.cache(), MODEL);
    assertThatThrownBy(() -> cache.requireSpace(Long.MAX_VALUE))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("no room")
        .hasMessageContaining("HF_HUB_CACHE");
    cache.requireSpace(1);
  }

  @Test
  void aProxyIsAskedForWhatItAloneCanReach() {
    byte[] weights = control();
    HubOptions proxied =
        HubOptions.of(
                java.util.Map.of("HTTP_PROXY", server.endpoint(), "NO_PROXY", "127.0.0.1"), folder)
            .withCache(folder.resolve("proxied"))
            .withEndpoint("http://hub.invalid")
            .withAttempts(1, Duration.ofMillis(1));
    Path snapshot = new HuggingFaceHub(proxied).download(MODEL);
    assertThat(snapshot.resolve(WEIGHTS)).hasBinaryContent(weights);
  }

  @Test
  void theTokenizerOfAModelThatWasFetchedIsFound() throws IOException {
    assertThat(hub().cachedClipTokenizer()).isEmpty();
    Path model = folder.resolve("hub/models--openai--clip-vit-large-patch14");
    Path snapshot = model.resolve("snapshots").resolve(FakeHub.COMMIT);
    Files.createDirectories(snapshot);
    Files.createDirectories(model.resolve("refs"));
    Files.writeString(model.resolve("refs/main"), FakeHub.COMMIT);
    Files.writeString(snapshot.resolve("vocab.json"), "{}");
    assertThat(hub().cachedClipTokenizer()).isEmpty();
    Files.writeString(snapshot.resolve("merges.txt"), "");
    assertThat(hub().cachedClipTokenizer()).contains(snapshot);
    Files.delete(snapshot.resolve("vocab.json"));
    assertThat(hub().cachedClipTokenizer()).isEmpty();
    Files.writeString(snapshot.resolve("tokenizer.json"), "{}");
    assertThat(hub().cachedClipTokenizer()).contains(snapshot);
    assertThat(server.requests).isEmpty();
  }
}
