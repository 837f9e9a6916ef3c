package io.github.controlnet.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.Component;
import io.github.controlnet.engine.Conditioning;
import io.github.controlnet.engine.ControlMask;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.ControlResiduals;
import io.github.controlnet.engine.ControlSignal;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.EncodedText;
import io.github.controlnet.engine.Hint;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Site;
import io.github.controlnet.engine.TextBatch;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.engine.TextEncoderSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What every engine must do, whatever its numbers are: shapes, residency, independence of threads,
 * and that branches, images and controls mean what the SPI says. Extend it and supply the
 * components of a small model. That the numbers are right is for tests of your own, against the
 * references.
 */
public abstract class EngineTck {

  /** Creates the test class; called by JUnit. */
  protected EngineTck() {}

  /**
   * The components of a small model that belong together, not loaded, and what the tests need to
   * know about them. Closing it closes the components and their engine.
   */
  public interface Model extends AutoCloseable {
    /**
     * Returns the text encoder.
     *
     * @return the component
     */
    TextEncoder textEncoder();

    /**
     * Returns the denoiser.
     *
     * @return the component
     */
    Denoiser denoiser();

    /**
     * Returns a control network for the denoiser whose residuals are not all zero.
     *
     * @return the component
     */
    ControlNetwork controlNetwork();

    /**
     * Returns the autoencoder.
     *
     * @return the component
     */
    Autoencoder autoencoder();

    /**
     * Returns what the text encoder was made of.
     *
     * @return a vocabulary of at least 2 and at least 7 positions
     */
    TextEncoderSpec textEncoderSpec();

    /**
     * Returns where the control network's residuals act.
     *
     * @return the sites of its {@link io.github.controlnet.engine.ControlSpec}
     */
    List<Site> sites();

    /**
     * Returns how many pixels a latent stands for along each side.
     *
     * @return a power of two
     */
    int factor();

    @Override
    void close();
  }

  /**
   * Opens a fresh model.
   *
   * @return the model; the test closes it
   */
  protected abstract Model open();

  private static final int CHANNELS = 4;

  private static LatentShape shape(int images) {
    return new LatentShape(images, CHANNELS, 8, 16);
  }

  private static float[] gaussian(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static int[][] tokens(Model model) {
    int[][] tokens = new int[2][7];
    Random random = new Random(4);
    for (int[] row : tokens) {
      for (int i = 0; i < row.length; i++) {
        row[i] = random.nextInt(model.textEncoderSpec().vocabulary());
      }
    }
    return tokens;
  }

  private static Hint hint(Model model) {
    LatentShape shape = shape(1);
    int height = shape.height() * model.factor();
    int width = shape.width() * model.factor();
    float[] values = new float[3 * height * width];
    Random random = new Random(9);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return new Hint(3, height, width, values);
  }

  private static float[] predict(Model model, LatentShape shape, float[] latents, double scale) {
    return predict(model, shape, latents, scale, hint(model));
  }

  private static float[] predict(
      Model model, LatentShape shape, float[] latents, double scale, Hint hint) {
    Conditioning both =
        Conditioning.of(
            encoded(model),
            List.of(
                Collections.nCopies(shape.images(), 0), Collections.nCopies(shape.images(), 1)));
    try (Denoiser.Run denoiser = model.denoiser().start(shape, both);
        ControlNetwork.Run control =
            model.controlNetwork().start(shape, both, List.of(0, 1), hint);
        ControlResiduals residuals = control.residuals(latents, 501)) {
      List<Double> layers = Collections.nCopies(model.sites().size(), scale);
      return denoiser.predict(
          latents, 501, List.of(new ControlSignal(residuals, List.of(layers, layers))));
    }
  }

  /** The plain prediction for one image with each of two texts, one after the other. */
  private static float[] predict(Model model, Conditioning texts) {
    LatentShape shape = shape(1);
    try (Denoiser.Run denoiser = model.denoiser().start(shape, texts)) {
      return denoiser.predict(gaussian(1, shape.size()), 501, List.of());
    }
  }

  private static EncodedText encoded(Model model) {
    return model.textEncoder().encode(tokens(model));
  }

  private static final List<List<Integer>> TWO_BRANCHES = List.of(List.of(0), List.of(1));

  private static void loadAll(Model model) {
    components(model).forEach(Component::load);
  }

  private static List<Component> components(Model model) {
    return List.of(
        model.textEncoder(), model.denoiser(), model.controlNetwork(), model.autoencoder());
  }

  @Test
  void weightsComeAndGo() {
    try (Model model = open()) {
      for (Component component : components(model)) {
        assertThat(component.isResident()).as("resident before load").isFalse();
        component.load();
        component.load();
        assertThat(component.isResident()).as("resident after load").isTrue();
        component.release();
        component.release();
        assertThat(component.isResident()).as("resident after release").isFalse();
        component.close();
        component.close();
      }
    }
  }

  @Test
  void reloadedWeightsGiveTheSameBits() {
    try (Model model = open()) {
      loadAll(model);
      LatentShape shape = shape(1);
      float[] latents = gaussian(1, shape.size());
      float[] before = predict(model, shape, latents, 1);
      components(model).forEach(Component::release);
      loadAll(model);
      assertThat(predict(model, shape, latents, 1)).isEqualTo(before);
    }
  }

  @Test
  void predictionsHaveAllBranchesAndImages() {
    try (Model model = open()) {
      loadAll(model);
      LatentShape shape = shape(2);
      float[] prediction = predict(model, shape, gaussian(1, shape.size()), 1);
      assertThat(prediction).hasSize(2 * shape.size());
      for (float value : prediction) {
        assertThat(Float.isFinite(value)).isTrue();
      }
    }
  }

  @Test
  void imagesOfABatchDoNotMix() {
    try (Model model = open()) {
      loadAll(model);
      LatentShape one = shape(1);
      LatentShape two = shape(2);
      float[] first = gaussian(1, one.size());
      float[] second = gaussian(2, one.size());
      float[] both = new float[two.size()];
      System.arraycopy(first, 0, both, 0, first.length);
      System.arraycopy(second, 0, both, first.length, second.length);
      float[] together = predict(model, two, both, 1);
      float[] alone = predict(model, one, second, 1);
      for (int branch = 0; branch < 2; branch++) {
        float[] part =
            Arrays.copyOfRange(
                together, branch * two.size() + one.size(), branch * two.size() + 2 * one.size());
        float[] reference =
            Arrays.copyOfRange(alone, branch * one.size(), (branch + 1) * one.size());
        assertThat(relativeError(part, reference)).isLessThan(1e-4);
      }
    }
  }

  @Test
  void textChangesThePrediction() {
    try (Model model = open()) {
      loadAll(model);
      LatentShape shape = shape(1);
      float[] prediction = predict(model, shape, gaussian(1, shape.size()), 0);
      float[] first = Arrays.copyOf(prediction, shape.size());
      float[] second = Arrays.copyOfRange(prediction, shape.size(), 2 * shape.size());
      assertThat(relativeError(first, second)).isGreaterThan(1e-4);
    }
  }

  @Test
  void encodedTextsHaveTheirShape() {
    try (Model model = open()) {
      loadAll(model);
      EncodedText text = encoded(model);
      assertThat(text.texts()).isEqualTo(2);
      assertThat(text.tokens()).isEqualTo(7);
      assertThat(text.width()).isEqualTo(model.textEncoderSpec().width());
      for (float value : text.hiddenStates()) {
        assertThat(Float.isFinite(value)).isTrue();
      }
    }
  }

  @Test
  void skippedLayersChangeTheTexts() {
    try (Model model = open()) {
      loadAll(model);
      float[] plain = encoded(model).hiddenStates();
      for (int layers = 0; layers < model.textEncoderSpec().layers(); layers++) {
        TextBatch batch = TextBatch.of(tokens(model)).withSkippedLayers(layers);
        float[] skipped = model.textEncoder().encode(batch).hiddenStates();
        if (layers == 0) {
          assertThat(skipped).isEqualTo(plain);
        } else {
          assertThat(relativeError(skipped, plain)).as("%d layers", layers).isGreaterThan(1e-4);
        }
      }
    }
  }

  @Test
  void aReplacedTokenChangesItsTextFromThereOn() {
    try (Model model = open()) {
      loadAll(model);
      EncodedText plain = encoded(model);
      float[] vector = gaussian(5, plain.width());
      TextBatch batch =
          TextBatch.of(tokens(model))
              .withReplacements(List.of(new TextBatch.Replacement(1, 3, vector)));
      float[] replaced = model.textEncoder().encode(batch).hiddenStates();
      int before = (plain.tokens() + 3) * plain.width();
      assertThat(
              relativeError(
                  Arrays.copyOf(replaced, before), Arrays.copyOf(plain.hiddenStates(), before)))
          .as("the other text, and the tokens before")
          .isLessThan(1e-5);
      assertThat(
              relativeError(
                  Arrays.copyOfRange(replaced, before, replaced.length),
                  Arrays.copyOfRange(plain.hiddenStates(), before, replaced.length)))
          .as("the tokens from there on")
          .isGreaterThan(1e-4);
    }
  }

  @Test
  void hiddenStatesFromElsewhereAreAsGood() {
    try (Model model = open()) {
      loadAll(model);
      EncodedText text = encoded(model);
      float[] states = text.hiddenStates();
      int half = states.length / 2;
      float[] swapped = new float[states.length];
      System.arraycopy(states, half, swapped, 0, half);
      System.arraycopy(states, 0, swapped, half, half);
      EncodedText other = EncodedText.of(2, text.tokens(), text.width(), swapped);
      assertThat(
              relativeError(
                  predict(model, Conditioning.of(other, List.of(List.of(1), List.of(0)))),
                  predict(model, Conditioning.of(text, TWO_BRANCHES))))
          .isLessThan(1e-6);
    }
  }

  @Test
  void textsMayBeLongerThanTheTextEncoderTakes() {
    try (Model model = open()) {
      loadAll(model);
      int width = model.textEncoderSpec().width();
      int tokens = 2 * model.textEncoderSpec().positions();
      EncodedText text = EncodedText.of(2, tokens, width, gaussian(6, 2 * tokens * width));
      float[] prediction = predict(model, Conditioning.of(text, TWO_BRANCHES));
      assertThat(prediction).hasSize(2 * shape(1).size());
      for (float value : prediction) {
        assertThat(Float.isFinite(value)).isTrue();
      }
    }
  }

  /** The model is of a family that reads text alone, as its conditionings in these tests say. */
  @Test
  void whatANetworkHasNoPlaceForChangesNothing() {
    try (Model model = open()) {
      loadAll(model);
      EncodedText text = encoded(model);
      float[] plain = predict(model, Conditioning.of(text, TWO_BRANCHES));
      Conditioning more =
          Conditioning.of(text.withPooled(gaussian(8, 2 * 5)), TWO_BRANCHES)
              .withSizeIds(List.of(List.of(64.0, 128.0), List.of(64.0, 128.0)))
              .withGuidance(4);
      assertThat(predict(model, more)).isEqualTo(plain);
    }
  }

  @Test
  void controlsActByTheirScale() {
    try (Model model = open()) {
      loadAll(model);
      LatentShape shape = shape(1);
      float[] latents = gaussian(1, shape.size());
      float[] off = predict(model, shape, latents, 0);
      assertThat(predict(model, shape, latents, 1)).isNotEqualTo(off);
      float[] without = predict(model, Conditioning.of(encoded(model), TWO_BRANCHES));
      assertThat(relativeError(without, off)).isLessThan(1e-6);
    }
  }

  @Test
  void aControlMayActOnOneBranchAlone() {
    try (Model model = open()) {
      loadAll(model);
      LatentShape shape = shape(1);
      float[] latents = gaussian(1, shape.size());
      float[] off = predict(model, shape, latents, 0);
      float[] on = predict(model, shape, latents, 1);
      Conditioning both = Conditioning.of(encoded(model), TWO_BRANCHES);
      try (Denoiser.Run denoiser = model.denoiser().start(shape, both);
          ControlNetwork.Run control =
              model.controlNetwork().start(shape, both, List.of(1), hint(model));
          ControlResiduals residuals = control.residuals(latents, 501)) {
        List<Double> layers = Collections.nCopies(model.sites().size(), 1.0);
        float[] mixed =
            denoiser.predict(latents, 501, List.of(new ControlSignal(residuals, List.of(layers))));
        int half = shape.size();
        assertThat(relativeError(Arrays.copyOf(mixed, half), Arrays.copyOf(off, half)))
            .as("the branch without control")
            .isLessThan(1e-4);
        assertThat(
                relativeError(
                    Arrays.copyOfRange(mixed, half, 2 * half),
                    Arrays.copyOfRange(on, half, 2 * half)))
            .as("the branch with control")
            .isLessThan(1e-4);
      }
    }
  }

  @Test
  void aRegionConfinesAControl() {
    try (Model model = open()) {
      loadAll(model);
      LatentShape shape = shape(1);
      float[] latents = gaussian(1, shape.size());
      float[] off = predict(model, shape, latents, 0);
      float[] everywhere = predict(model, shape, latents, 1);
      Hint hint = hint(model);
      ControlMask all = new ControlMask(1, 1, new float[] {1});
      assertThat(relativeError(predict(model, shape, latents, 1, within(hint, all)), everywhere))
          .as("a mask that is everywhere")
          .isLessThan(1e-6);
      ControlMask none = new ControlMask(2, 3, new float[6]);
      assertThat(relativeError(predict(model, shape, latents, 1, within(hint, none)), off))
          .as("a mask that is nowhere")
          .isLessThan(1e-6);
      ControlMask left = new ControlMask(1, 2, new float[] {1, 0});
      float[] half = predict(model, shape, latents, 1, within(hint, left));
      assertThat(relativeError(half, everywhere)).as("on the left alone").isGreaterThan(1e-4);
      assertThat(relativeError(half, off)).as("on the left at all").isGreaterThan(1e-4);
    }
  }

  private static Hint within(Hint hint, ControlMask mask) {
    return new Hint(hint.channels(), hint.height(), hint.width(), hint.values(), Optional.of(mask));
  }

  @Test
  void perturbedBranchesDifferAndLeaveTheOthersAlone() {
    try (Model model = open()) {
      loadAll(model);
      LatentShape shape = shape(2);
      float[] latents = gaussian(1, shape.size());
      List<List<Integer>> rows = List.of(List.of(1, 0), List.of(1, 0));
      Conditioning texts = Conditioning.of(encoded(model), rows);
      try (Denoiser.Run plain = model.denoiser().start(shape, texts);
          Denoiser.Run perturbed = model.denoiser().start(shape, texts.withPerturbed(List.of(1)))) {
        float[] reference = plain.predict(latents, 501, List.of());
        float[] prediction = perturbed.predict(latents, 501, List.of());
        int half = shape.size();
        assertThat(relativeError(Arrays.copyOf(prediction, half), Arrays.copyOf(reference, half)))
            .as("the branch that is not perturbed")
            .isLessThan(1e-6);
        assertThat(
                relativeError(
                    Arrays.copyOfRange(prediction, half, 2 * half),
                    Arrays.copyOfRange(reference, half, 2 * half)))
            .as("the perturbed branch")
            .isGreaterThan(1e-4);
      }
    }
  }

  @Test
  void autoencoderGoesThereAndBackInShape() {
    try (Model model = open()) {
      loadAll(model);
      LatentShape shape = shape(1);
      int pixels = 3 * shape.height() * shape.width() * model.factor() * model.factor();
      assertThat(model.autoencoder().decode(gaussian(1, shape.size()), shape)).hasSize(pixels);
      Autoencoder.LatentDistribution latents =
          model.autoencoder().encode(gaussian(2, pixels), shape);
      assertThat(latents.mean()).hasSize(shape.size());
      assertThat(latents.logVariance()).hasSize(shape.size());
      for (float value : latents.logVariance()) {
        assertThat(value).isBetween(-30f, 20f);
      }
    }
  }

  @Test
  void picturesOfABatchAreEncodedEachOnItsOwn() {
    try (Model model = open()) {
      loadAll(model);
      LatentShape two = shape(2);
      LatentShape one = shape(1);
      int pixels = 3 * one.height() * one.width() * model.factor() * model.factor();
      float[] both = gaussian(3, 2 * pixels);
      float[] second = Arrays.copyOfRange(both, pixels, 2 * pixels);
      float[] together = model.autoencoder().encode(both, two).mean();
      float[] alone = model.autoencoder().encode(second, one).mean();
      assertThat(relativeError(Arrays.copyOfRange(together, one.size(), two.size()), alone))
          .isLessThan(1e-4);
      assertThat(relativeError(Arrays.copyOf(together, one.size()), alone)).isGreaterThan(1e-2);
    }
  }

  @Test
  void threadsGetWhatTheyWouldGetAlone() throws Exception {
    try (Model model = open()) {
      loadAll(model);
      LatentShape shape = shape(1);
      List<float[]> alone = new ArrayList<>();
      List<Callable<float[]>> tasks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        float[] latents = gaussian(i, shape.size());
        alone.add(predict(model, shape, latents, 1));
        tasks.add(() -> predict(model, shape, latents, 1));
      }
      ExecutorService pool = Executors.newFixedThreadPool(tasks.size());
      try {
        List<Future<float[]>> together = pool.invokeAll(tasks);
        for (int i = 0; i < alone.size(); i++) {
          assertThat(together.get(i).get()).isEqualTo(alone.get(i));
        }
      } finally {
        pool.shutdownNow();
      }
    }
  }

  /** The root mean square of the difference over that of the reference. */
  private static double relativeError(float[] values, float[] reference) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < reference.length; i++) {
      difference += Math.pow(values[i] - reference[i], 2);
      size += Math.pow(reference[i], 2);
    }
    return Math.sqrt(difference / size);
  }
}
