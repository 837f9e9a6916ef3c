package io.github.controlnet.core.weights;

import io.github.controlnet.WeightsException;
import io.github.controlnet.spi.engine.AutoencoderSpec;
import io.github.controlnet.spi.engine.ControlNetSpec;
import io.github.controlnet.spi.engine.TextEncoderSpec;
import io.github.controlnet.spi.engine.UNetSpec;
import io.github.controlnet.spi.engine.WeightNames;
import io.github.controlnet.spi.engine.WeightSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Lists which tensors each architecture consists of: canonical names (see {@link
 * io.github.controlnet.spi.engine.WeightNames}) and shapes. The one place that knows; weights are
 * checked against it.
 */
public final class ExpectedTensors {
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  private ExpectedTensors() {}

  /**
   * Lists the tensors of a U-Net.
   *
   * @param unet its sizes
   * @return names to shapes, in the order in which the network uses them
   */
  public static Map<String, List<Long>> of(UNetSpec unet) {
    ExpectedTensors all = new ExpectedTensors();
    Deque<Integer> skips = all.trunk(unet);
    int levels = unet.levels().size();
    int channels = unet.levels().get(levels - 1).channels();
    for (int up = 0; up < levels; up++) {
      UNetSpec.Level level = unet.levels().get(levels - 1 - up);
      String block = "up_blocks." + up;
      for (int i = 0; i <= unet.residualBlocks(); i++) {
        all.residual(
            block + ".resnets." + i, channels + skips.pop(), level.channels(), unet.timeWidth());
        channels = level.channels();
        all.transformer(block + ".attentions." + i, channels, level.depth(), unet);
      }
      if (up < levels - 1) {
        all.convolution(block + ".upsamplers.0.conv", channels, channels, 3);
      }
    }
    int width = unet.levels().get(0).channels();
    all.norm("conv_norm_out", width);
    all.convolution("conv_out", width, unet.outChannels(), 3);
    return all.done();
  }

  /**
   * Lists the tensors of a ControlNet.
   *
   * @param control its sizes
   * @return names to shapes, in the order in which the network uses them
   */
  public static Map<String, List<Long>> of(ControlNetSpec control) {
    ExpectedTensors all = new ExpectedTensors();
    String hint = "controlnet_cond_embedding.";
    int channels = control.hintChannels();
    for (int i = 0; i < control.hintWidths().size(); i++) {
      int width = control.hintWidths().get(i);
      all.convolution(hint + (i == 0 ? "conv_in" : "blocks." + (i - 1)), channels, width, 3);
      channels = width;
    }
    UNetSpec trunk = control.trunk();
    all.convolution(hint + "conv_out", channels, trunk.levels().get(0).channels(), 3);
    Deque<Integer> skips = all.trunk(trunk);
    for (int i = 0; !skips.isEmpty(); i++) {
      int width = skips.removeLast();
      all.convolution("controlnet_down_blocks." + i, width, width, 1);
    }
    int middle = trunk.levels().get(trunk.levels().size() - 1).channels();
    all.convolution("controlnet_mid_block", middle, middle, 1);
    return all.done();
  }

  /**
   * Lists the tensors of an autoencoder.
   *
   * @param autoencoder its sizes
   * @return names to shapes, in the order in which the network uses them
   */
  public static Map<String, List<Long>> of(AutoencoderSpec autoencoder) {
    ExpectedTensors all = new ExpectedTensors();
    List<Integer> widths = autoencoder.widths();
    int latent = autoencoder.latentChannels();
    int deepest = widths.get(widths.size() - 1);
    if (autoencoder.hasEncoder()) {
      int channels = widths.get(0);
      all.convolution("encoder.conv_in", autoencoder.imageChannels(), channels, 3);
      for (int i = 0; i < widths.size(); i++) {
        String block = "encoder.down_blocks." + i;
        for (int k = 0; k < autoencoder.residualBlocks(); k++) {
          all.residual(block + ".resnets." + k, channels, widths.get(i), 0);
          channels = widths.get(i);
        }
        if (i < widths.size() - 1) {
          all.convolution(block + ".downsamplers.0.conv", channels, channels, 3);
        }
      }
      all.autoencoderMiddle("encoder.mid_block", deepest);
      all.norm("encoder.conv_norm_out", deepest);
      all.convolution("encoder.conv_out", deepest, 2 * latent, 3);
      all.convolution("quant_conv", 2 * latent, 2 * latent, 1);
    }
    all.convolution("post_quant_conv", latent, latent, 1);
    all.convolution("decoder.conv_in", latent, deepest, 3);
    all.autoencoderMiddle("decoder.mid_block", deepest);
    int channels = deepest;
    for (int up = 0; up < widths.size(); up++) {
      int width = widths.get(widths.size() - 1 - up);
      String block = "decoder.up_blocks." + up;
      for (int k = 0; k <= autoencoder.residualBlocks(); k++) {
        all.residual(block + ".resnets." + k, channels, width, 0);
        channels = width;
      }
      if (up < widths.size() - 1) {
        all.convolution(block + ".upsamplers.0.conv", channels, channels, 3);
      }
    }
    all.norm("decoder.conv_norm_out", channels);
    all.convolution("decoder.conv_out", channels, autoencoder.imageChannels(), 3);
    return all.done();
  }

  /**
   * Lists the tensors of a text encoder.
   *
   * @param text its sizes
   * @return names to shapes, in the order in which the network uses them
   */
  public static Map<String, List<Long>> of(TextEncoderSpec text) {
    ExpectedTensors all = new ExpectedTensors();
    int width = text.width();
    all.add(WeightNames.TOKEN_EMBEDDING, text.vocabulary(), width);
    all.add(WeightNames.POSITION_EMBEDDING, text.positions(), width);
    for (int i = 0; i < text.layers(); i++) {
      String layer = "encoder.layers." + i;
      all.norm(layer + ".layer_norm1", width);
      for (String name : List.of("q_proj", "k_proj", "v_proj", "out_proj")) {
        all.linear(layer + ".self_attn." + name, width, width, true);
      }
      all.norm(layer + ".layer_norm2", width);
      all.linear(layer + ".mlp.fc1", width, text.feedForwardWidth(), true);
      all.linear(layer + ".mlp.fc2", text.feedForwardWidth(), width, true);
    }
    all.norm("final_layer_norm", width);
    return all.done();
  }

  /**
   * Checks that there is what is expected and nothing else.
   *
   * @param what the weights, to begin a sentence with
   * @param expected names to shapes
   * @param weights the weights
   * @throws WeightsException when a tensor is missing, foreign, of another shape or no
   *     floating-point numbers
   */
  public static void require(String what, Map<String, List<Long>> expected, WeightSource weights) {
    new Shapes(what, weights).require(expected, false);
  }

  /** The encoder and middle; returns the channels of the skips, the last one first. */
  private Deque<Integer> trunk(UNetSpec unet) {
    Deque<Integer> skips = new ArrayDeque<>();
    int channels = unet.levels().get(0).channels();
    convolution("conv_in", unet.inChannels(), channels, 3);
    skips.push(channels);
    linear("time_embedding.linear_1", channels, unet.timeWidth(), true);
    linear("time_embedding.linear_2", unet.timeWidth(), unet.timeWidth(), true);
    for (int i = 0; i < unet.levels().size(); i++) {
      UNetSpec.Level level = unet.levels().get(i);
      String block = "down_blocks." + i;
      for (int k = 0; k < unet.residualBlocks(); k++) {
        residual(block + ".resnets." + k, channels, level.channels(), unet.timeWidth());
        channels = level.channels();
        transformer(block + ".attentions." + k, channels, level.depth(), unet);
        skips.push(channels);
      }
      if (i < unet.levels().size() - 1) {
        convolution(block + ".downsamplers.0.conv", channels, channels, 3);
        skips.push(channels);
      }
    }
    residual("mid_block.resnets.0", channels, channels, unet.timeWidth());
    transformer("mid_block.attentions.0", channels, unet.middleDepth(), unet);
    residual("mid_block.resnets.1", channels, channels, unet.timeWidth());
    return skips;
  }

  private void residual(String name, int in, int out, int timeWidth) {
    norm(name + ".norm1", in);
    convolution(name + ".conv1", in, out, 3);
    if (timeWidth > 0) {
      linear(name + ".time_emb_proj", timeWidth, out, true);
    }
    norm(name + ".norm2", out);
    convolution(name + ".conv2", out, out, 3);
    if (in != out) {
      convolution(name + ".conv_shortcut", in, out, 1);
    }
  }

  private void transformer(String name, int channels, int depth, UNetSpec unet) {
    if (depth == 0) {
      return;
    }
    norm(name + ".norm", channels);
    projection(name + ".proj_in", channels, unet.linearProjection());
    for (int i = 0; i < depth; i++) {
      String block = name + ".transformer_blocks." + i;
      norm(block + ".norm1", channels);
      attention(block + ".attn1", channels, channels);
      norm(block + ".norm2", channels);
      attention(block + ".attn2", channels, unet.contextWidth());
      norm(block + ".norm3", channels);
      linear(block + ".ff.net.0.proj", channels, 8 * channels, true);
      linear(block + ".ff.net.2", 4 * channels, channels, true);
    }
    projection(name + ".proj_out", channels, unet.linearProjection());
  }

  private void projection(String name, int channels, boolean linear) {
    if (linear) {
      linear(name, channels, channels, true);
    } else {
      convolution(name, channels, channels, 1);
    }
  }

  private void attention(String name, int channels, int context) {
    linear(name + ".to_q", channels, channels, false);
    linear(name + ".to_k", context, channels, false);
    linear(name + ".to_v", context, channels, false);
    linear(name + ".to_out.0", channels, channels, true);
  }

  private void autoencoderMiddle(String name, int channels) {
    residual(name + ".resnets.0", channels, channels, 0);
    norm(name + ".attentions.0.group_norm", channels);
    for (String part : List.of("to_q", "to_k", "to_v", "to_out.0")) {
      linear(name + ".attentions.0." + part, channels, channels, true);
    }
    residual(name + ".resnets.1", channels, channels, 0);
  }

  private void norm(String name, int channels) {
    add(name + ".weight", channels);
    add(name + ".bias", channels);
  }

  private void linear(String name, int in, int out, boolean bias) {
    add(name + ".weight", out, in);
    if (bias) {
      add(name + ".bias", out);
    }
  }

  private void convolution(String name, int in, int out, int kernel) {
    add(name + ".weight", out, in, kernel, kernel);
    add(name + ".bias", out);
  }

  private void add(String name, long... shape) {
    shapes.put(name, Arrays.stream(shape).boxed().toList());
  }

  private Map<String, List<Long>> done() {
    return Collections.unmodifiableMap(shapes);
  }
}
