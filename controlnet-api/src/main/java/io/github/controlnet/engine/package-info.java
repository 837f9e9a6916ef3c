/**
 * How to write an engine of your own.
 *
 * <p>An {@link io.github.controlnet.engine.Engine} runs four networks: {@link
 * io.github.controlnet.engine.TextEncoder}, {@link io.github.controlnet.engine.Denoiser}, {@link
 * io.github.controlnet.engine.ControlNetwork} and {@link io.github.controlnet.engine.Autoencoder}.
 * It gets their sizes as records and their weights as a {@link
 * io.github.controlnet.engine.WeightSource} under canonical names ({@link
 * io.github.controlnet.engine.WeightNames}), whatever file they come from. The pipeline decides
 * when weights are in memory ({@link io.github.controlnet.engine.Component#load()}, {@link
 * io.github.controlnet.engine.Component#release()}) and does guidance, scheduling and noise; the
 * engine never sees a prompt or a sampler.
 *
 * <p>The calls are coarse. A generation encodes its distinct texts once, starts a run of the
 * denoiser and of each control network, which compute there what does not change from step to step,
 * and then asks each run once a step. Encoded texts, latents and predictions cross as {@code
 * float[]}; residuals are handles of the engine's own classes, which the pipeline passes around and
 * closes.
 *
 * <p>What this package knows of networks grows. {@link io.github.controlnet.engine.DenoiserSpec}
 * and {@link io.github.controlnet.engine.ControlSpec} are sealed: each kind of network is a record
 * of its own, of which an engine runs those that it knows and names the others. Where controls act,
 * a specification lists as {@link io.github.controlnet.engine.Site}s. What a generation is
 * conditioned on comes as one {@link io.github.controlnet.engine.Conditioning}, and how texts are
 * to be encoded as one {@link io.github.controlnet.engine.TextBatch}: classes to which more can be
 * added. How an autoencoder's numbers become a denoiser's is in {@link
 * io.github.controlnet.engine.LatentFormat}, and done before an engine sees them.
 *
 * <p>Who decides what of a control: the hint that starts a control network's run says where in the
 * picture it acts ({@link io.github.controlnet.engine.ControlMask}), and the branches of that run
 * which halves of guidance it speaks to; both stay for the whole run. How strongly it acts comes
 * with each step, as {@link io.github.controlnet.engine.ControlSignal}: a scale for each branch and
 * site, into which the pipeline has multiplied control scale, mode, layer weights and schedule.
 * Where a step needs other branches than the one before, as outside the interval of guidance, the
 * pipeline starts further runs beside the first ones, and asks those.
 *
 * <p>Generating is all that an engine has to do. One on which control networks can also learn is a
 * {@link io.github.controlnet.engine.TrainingEngine}: it gives out a {@link
 * io.github.controlnet.engine.TrainableControl}, which computes losses and gradients and updates
 * its weights, while data, noise, learning rates and checkpoints stay with the trainer.
 *
 * <p>Here is an engine without networks: it takes the data to be a Gaussian, whose best noise
 * prediction has a closed form. It depends on {@code io.github.controlnet:controlnet-api} alone. A
 * provider opens it by name, and a text file of the jar, {@code
 * META-INF/services/io.github.controlnet.spi.EngineProvider}, holds the provider's full name:
 *
 * <pre>{@code
 * import io.github.controlnet.engine.Engine;
 * import io.github.controlnet.engine.EngineOptions;
 * import io.github.controlnet.spi.EngineProvider;
 *
 * public final class GaussianEngineProvider implements EngineProvider {
 *
 *   public GaussianEngineProvider() {}
 *
 *   @Override
 *   public String name() {
 *     return "gaussian";
 *   }
 *
 *   @Override
 *   public Engine open(EngineOptions options) {
 *     return new GaussianEngine(GaussianEngine.Probe.NONE);
 *   }
 * }
 * }</pre>
 *
 * <p>The engine creates the components:
 *
 * <pre>{@code
 * import io.github.controlnet.engine.Autoencoder;
 * import io.github.controlnet.engine.AutoencoderSpec;
 * import io.github.controlnet.engine.ControlNetwork;
 * import io.github.controlnet.engine.ControlSpec;
 * import io.github.controlnet.engine.Denoiser;
 * import io.github.controlnet.engine.DenoiserSpec;
 * import io.github.controlnet.engine.Engine;
 * import io.github.controlnet.engine.Precision;
 * import io.github.controlnet.engine.TextEncoder;
 * import io.github.controlnet.engine.TextEncoderSpec;
 * import io.github.controlnet.engine.WeightSource;
 * import java.util.Arrays;
 * import java.util.Map;
 *
 * public final class GaussianEngine implements Engine {
 *   public static final double DEVIATION = 0.5;
 *
 *   private final Probe probe;
 *
 *   public GaussianEngine(Probe probe) {
 *     this.probe = probe;
 *   }
 *
 *   public interface Probe {
 *     Probe NONE = new Probe() {};
 *
 *     default void running(String network) {}
 *
 *     default void opened(Object handle) {}
 *
 *     default void closed(Object handle) {}
 *
 *     default void residency(String network, boolean resident) {}
 *   }
 *
 *   public static double mean(int[] tokens) {
 *     return mean(Arrays.stream(tokens).asDoubleStream().toArray(), tokens.length);
 *   }
 *
 *   static double mean(double[] embeddings, int tokens) {
 *     double sum = 0;
 *     for (int i = 0; i < tokens; i++) {
 *       sum += embeddings[i] * (i + 1);
 *     }
 *     return sum % 101 / 50 - 1;
 *   }
 *
 *   @Override
 *   public Precision precision() {
 *     return Precision.FLOAT32;
 *   }
 *
 *   @Override
 *   public Map<String, String> versions() {
 *     return Map.of("Gaussian", "1");
 *   }
 *
 *   @Override
 *   public TextEncoder textEncoder(TextEncoderSpec spec, WeightSource weights) {
 *     return new GaussianTextEncoder(spec, probe);
 *   }
 *
 *   @Override
 *   public Denoiser denoiser(DenoiserSpec spec, WeightSource weights) {
 *     return new GaussianDenoiser(probe);
 *   }
 *
 *   @Override
 *   public ControlNetwork controlNetwork(ControlSpec spec, WeightSource weights) {
 *     return new GaussianControl(probe);
 *   }
 *
 *   @Override
 *   public Autoencoder autoencoder(AutoencoderSpec spec, WeightSource weights) {
 *     return new PixelAutoencoder(spec.factor(), probe);
 *   }
 *
 *   @Override
 *   public void close() {}
 * }
 * }</pre>
 *
 * <p>Every component comes and goes with its weights:
 *
 * <pre>{@code
 * import io.github.controlnet.engine.Component;
 * import io.github.controlnet.tck.gaussian.GaussianEngine.Probe;
 *
 * abstract class GaussianComponent implements Component {
 *   private final String network;
 *   private final Probe probe;
 *   private boolean resident;
 *
 *   GaussianComponent(String network, Probe probe) {
 *     this.network = network;
 *     this.probe = probe;
 *   }
 *
 *   @Override
 *   public synchronized void load() {
 *     setResident(true);
 *   }
 *
 *   @Override
 *   public synchronized void release() {
 *     setResident(false);
 *   }
 *
 *   private void setResident(boolean now) {
 *     if (resident != now) {
 *       resident = now;
 *       probe.residency(network, now);
 *     }
 *   }
 *
 *   @Override
 *   public synchronized boolean isResident() {
 *     return resident;
 *   }
 *
 *   @Override
 *   public void close() {
 *     release();
 *   }
 *
 *   final void run() {
 *     if (!isResident()) {
 *       throw new IllegalStateException("the weights of the " + network + " are not loaded");
 *     }
 *     probe.running(network);
 *   }
 *
 *   abstract static class Handle implements AutoCloseable {
 *     private final Probe probe;
 *     private boolean closed;
 *
 *     Handle(Probe probe) {
 *       this.probe = probe;
 *       probe.opened(this);
 *     }
 *
 *     @Override
 *     public final synchronized void close() {
 *       if (!closed) {
 *         closed = true;
 *         probe.closed(this);
 *       }
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>and this is its denoiser:
 *
 * <pre>{@code
 * import io.github.controlnet.engine.Conditioning;
 * import io.github.controlnet.engine.ControlSignal;
 * import io.github.controlnet.engine.Denoiser;
 * import io.github.controlnet.engine.LatentShape;
 * import io.github.controlnet.sampler.NoiseSchedule;
 * import io.github.controlnet.tck.gaussian.GaussianEngine.Probe;
 * import java.util.List;
 *
 * final class GaussianDenoiser extends GaussianComponent implements Denoiser {
 *   private final NoiseSchedule schedule = NoiseSchedule.stableDiffusion();
 *   private final Probe probe;
 *
 *   GaussianDenoiser(Probe probe) {
 *     super("denoiser", probe);
 *     this.probe = probe;
 *   }
 *
 *   @Override
 *   public Run start(LatentShape shape, Conditioning conditioning) {
 *     return new GaussianRun(shape, conditioning);
 *   }
 *
 *   private final class GaussianRun extends Handle implements Run {
 *     private final LatentShape shape;
 *     private final Conditioning conditioning;
 *
 *     GaussianRun(LatentShape shape, Conditioning conditioning) {
 *       super(probe);
 *       this.shape = shape;
 *       this.conditioning = conditioning;
 *     }
 *
 *     @Override
 *     public float[] predict(float[] latents, double timestep, List<ControlSignal> controls) {
 *       run();
 *       double alpha = schedule.alphaBar((int) Math.round(timestep));
 *       double variance = alpha * GaussianEngine.DEVIATION * GaussianEngine.DEVIATION + 1 - alpha;
 *       int each = shape.size() / shape.images();
 *       float[] prediction = new float[conditioning.branches().size() * latents.length];
 *       int at = 0;
 *       for (int branch = 0; branch < conditioning.branches().size(); branch++) {
 *         double attention = conditioning.perturbed().contains(branch) ? 0.5 : 1;
 *         for (int i = 0; i < latents.length; i++) {
 *           int text = conditioning.branches().get(branch).get(i / each);
 *           double mean = attention * GaussianTextEncoder.mean(conditioning.text(), text);
 *           for (ControlSignal control : controls) {
 *             mean += GaussianControl.Shift.of(control, branch, i);
 *           }
 *           prediction[at++] =
 *               (float) (Math.sqrt(1 - alpha) * (latents[i] - Math.sqrt(alpha) * mean) / variance);
 *         }
 *       }
 *       return prediction;
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>The autoencoder goes both ways. It returns the distribution of a picture's latents and leaves
 * the drawing to the pipeline, so that a seed means the same for every engine:
 *
 * <pre>{@code
 * import io.github.controlnet.engine.Autoencoder;
 * import io.github.controlnet.engine.LatentShape;
 * import io.github.controlnet.tck.gaussian.GaussianEngine.Probe;
 * import java.util.Arrays;
 *
 * final class PixelAutoencoder extends GaussianComponent implements Autoencoder {
 *   private final int factor;
 *
 *   PixelAutoencoder(int factor, Probe probe) {
 *     super("autoencoder", probe);
 *     this.factor = factor;
 *   }
 *
 *   @Override
 *   public float[] decode(float[] latents, LatentShape shape) {
 *     run();
 *     int height = shape.height() * factor;
 *     int width = shape.width() * factor;
 *     float[] pixels = new float[shape.images() * 3 * height * width];
 *     for (int i = 0; i < pixels.length; i++) {
 *       int x = i % width / factor;
 *       int y = i / width % height / factor;
 *       int channel = i / (width * height) % 3;
 *       int image = i / (width * height * 3);
 *       pixels[i] = latents[index(shape, image, channel, y, x)];
 *     }
 *     return pixels;
 *   }
 *
 *   @Override
 *   public LatentDistribution encode(float[] pixels, LatentShape shape) {
 *     run();
 *     int height = shape.height() * factor;
 *     int width = shape.width() * factor;
 *     float[] mean = new float[shape.size()];
 *     for (int i = 0; i < pixels.length; i++) {
 *       int x = i % width / factor;
 *       int y = i / width % height / factor;
 *       int channel = i / (width * height) % 3;
 *       int image = i / (width * height * 3);
 *       mean[index(shape, image, channel, y, x)] += pixels[i] / (factor * factor);
 *     }
 *     float[] logVariance = new float[mean.length];
 *     Arrays.fill(logVariance, -30);
 *     return new LatentDistribution(mean, logVariance);
 *   }
 *
 *   private static int index(LatentShape shape, int image, int channel, int y, int x) {
 *     return ((image * shape.channels() + channel) * shape.height() + y) * shape.width() + x;
 *   }
 * }
 * }</pre>
 *
 * <p>The other two are as small; all of it is in the package {@code
 * io.github.controlnet.tck.gaussian} of {@code io.github.controlnet:controlnet-tck}, where
 * applications may use it for tests of their own: {@code
 * ControlNetPipeline.builder().engine("gaussian")} needs no native library. The same artifact has
 * {@code EngineTck}, the tests that every engine passes; extend it and hand it the components of a
 * small model.
 */
@NullMarked
package io.github.controlnet.engine;

import org.jspecify.annotations.NullMarked;
