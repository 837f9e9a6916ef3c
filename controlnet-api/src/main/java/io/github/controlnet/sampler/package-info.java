/**
 * How to write a sampler of your own.
 *
 * <p>A {@link io.github.controlnet.sampler.Sampler} is immutable and has a name. For each batch of
 * images it starts a {@link io.github.controlnet.sampler.SamplerRun}, which is stepped by index:
 * the pipeline asks the network at {@code timestep(i)} about {@code scaleInput(i, latents)} and
 * hands the prediction, after guidance, to {@code step(i, ...)}. A run belongs to one thread and
 * may remember earlier predictions; fresh noise is passed in, never drawn. Image to image begins at
 * a later step, with a picture's latents and {@code addNoise}. Latents are {@code float[]} in
 * row-major order, and no step depends on their shape.
 *
 * <p>Here is a complete one. It depends on {@code io.github.controlnet:controlnet-api} alone.
 *
 * <pre>{@code
 * import io.github.controlnet.sampler.NoiseSchedule;
 * import io.github.controlnet.sampler.NoiseSource;
 * import io.github.controlnet.sampler.Sampler;
 * import io.github.controlnet.sampler.SamplerRun;
 * import io.github.controlnet.sampler.SamplingOptions;
 *
 * // Euler's method: Karras et al. 2022, arXiv:2206.00364, algorithm 1 without correction.
 * public final class ExampleEulerSampler implements Sampler {
 *
 *   @Override
 *   public String name() {
 *     return "example_euler";
 *   }
 *
 *   @Override
 *   public SamplerRun start(NoiseSchedule schedule, SamplingOptions options) {
 *     return new Run(schedule, options.steps());
 *   }
 *
 *   private record Run(NoiseSchedule schedule, int evaluations) implements SamplerRun {
 *
 *     @Override
 *     public double timestep(int index) {
 *       double share = (double) (evaluations - index) / evaluations;
 *       return Math.max(0, Math.rint(share * schedule.timesteps()) - 1);
 *     }
 *
 *     // The noise relative to the signal; 0 after the last step.
 *     private double sigma(int index) {
 *       if (index == evaluations) {
 *         return 0;
 *       }
 *       double alpha = schedule.alphaBar((int) timestep(index));
 *       return Math.sqrt((1 - alpha) / alpha);
 *     }
 *
 *     @Override
 *     public double initialNoiseScale() {
 *       return Math.hypot(sigma(0), 1);
 *     }
 *
 *     @Override
 *     public float[] scaleInput(int index, float[] latents) {
 *       float scale = (float) (1 / Math.hypot(sigma(index), 1));
 *       float[] scaled = latents.clone();
 *       for (int i = 0; i < scaled.length; i++) {
 *         scaled[i] *= scale;
 *       }
 *       return scaled;
 *     }
 *
 *     @Override
 *     public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
 *       double sigma = sigma(index);
 *       double size = Math.hypot(sigma, 1);
 *       float[] next = new float[latents.length];
 *       for (int i = 0; i < next.length; i++) {
 *         double slope =
 *             switch (schedule.predictionType()) {
 *               case EPSILON -> prediction[i];
 *               case V_PREDICTION -> (prediction[i] + latents[i] * sigma / size) / size;
 *               case SAMPLE -> (latents[i] - prediction[i]) / sigma;
 *             };
 *         next[i] = (float) (latents[i] + (sigma(index + 1) - sigma) * slope);
 *       }
 *       return next;
 *     }
 *
 *     @Override
 *     public float[] addNoise(int index, float[] sample, float[] noise) {
 *       float[] noised = sample.clone();
 *       for (int i = 0; i < noised.length; i++) {
 *         noised[i] += (float) sigma(index) * noise[i];
 *       }
 *       return noised;
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>A provider brings it to the class path:
 *
 * <pre>{@code
 * import io.github.controlnet.sampler.Sampler;
 * import io.github.controlnet.spi.SamplerProvider;
 * import java.util.List;
 *
 * // Brings the sampler to the class path.
 * public final class ExampleSamplerProvider implements SamplerProvider {
 *
 *   @Override
 *   public List<Sampler> samplers() {
 *     return List.of(new ExampleEulerSampler());
 *   }
 * }
 * }</pre>
 *
 * <p>and a text file of the jar, {@code
 * META-INF/services/io.github.controlnet.spi.SamplerProvider}, holds the full name of the provider.
 * With the jar on the class path, {@code Samplers.named("example_euler")} finds it, and so does
 * {@code --sampler example_euler} of the command.
 *
 * <p>The test kit, {@code io.github.controlnet:controlnet-tck}, says what every sampler must do:
 *
 * <pre>{@code
 * import io.github.controlnet.tck.SamplerTck;
 *
 * class ExampleEulerSamplerTest extends SamplerTck {
 *
 *   @Override
 *   protected String samplerName() {
 *     return "example_euler";
 *   }
 *
 *   // A first-order method in few large steps is off by more than the usual 0.03.
 *   @Override
 *   protected double tolerance() {
 *     return 0.05;
 *   }
 * }
 * }</pre>
 */
@NullMarked
package io.github.controlnet.sampler;

import org.jspecify.annotations.NullMarked;
