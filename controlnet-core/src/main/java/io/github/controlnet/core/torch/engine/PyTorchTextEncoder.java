package io.github.controlnet.core.torch.engine;

import ai.djl.pytorch.engine.PtNDArray;
import io.github.controlnet.core.models.ClipText;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.torch.Arguments;
import io.github.controlnet.core.torch.Inputs;
import io.github.controlnet.engine.EncodedText;
import io.github.controlnet.engine.TextBatch;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.WeightSource;
import java.util.List;

/** CLIP's text model in a script module. */
final class PyTorchTextEncoder extends ScriptComponent implements TextEncoder {
  private final TextEncoderSpec architecture;

  PyTorchTextEncoder(PyTorchEngine engine, TextEncoderSpec architecture, WeightSource weights) {
    super(
        engine,
        "The text encoder",
        weights,
        () -> engine.runtime().target().lower(ClipText.graph(architecture)));
    this.architecture = architecture;
  }

  @Override
  public EncodedText encode(TextBatch batch) {
    int[][] tokens = batch.tokens();
    long[] ids = check(tokens);
    if (batch.skippedLayers() < 0 || batch.skippedLayers() >= architecture.layers()) {
      throw new IllegalArgumentException(
          "%d layers of the text encoder cannot be skipped; it has %d, and at least one stays."
              .formatted(batch.skippedLayers(), architecture.layers()));
    }
    int length = tokens[0].length;
    List<TextBatch.Replacement> replacements = batch.replacements();
    long[] places = new long[replacements.size()];
    float[] vectors = new float[places.length * architecture.width()];
    for (int i = 0; i < places.length; i++) {
      TextBatch.Replacement each = replacements.get(i);
      Inputs.checkLength("The vector of an embedding", each.vector(), architecture.width());
      if (each.text() < 0
          || each.text() >= tokens.length
          || each.position() < 0
          || each.position() >= length) {
        throw new IllegalArgumentException(
            "An embedding stands at place %d of text %d; there are %d texts of %d places, counted from 0."
                .formatted(each.position(), each.text(), tokens.length, length));
      }
      places[i] = (long) each.text() * length + each.position();
      System.arraycopy(each.vector(), 0, vectors, i * architecture.width(), architecture.width());
    }
    float[] states =
        with(
            module -> {
              Signature method = places.length == 0 ? ClipText.ENCODE : ClipText.ENCODE_REPLACED;
              try (Arguments arguments = module.arguments(method)) {
                arguments.at("tokens").longs(ids, tokens.length, length);
                arguments.at("skipped").whole(batch.skippedLayers());
                if (places.length > 0) {
                  arguments.at("places").longs(places, places.length);
                  arguments.at("vectors").floats(vectors, places.length, architecture.width());
                }
                return export(module.tensor(arguments));
              }
            });
    return EncodedText.of(tokens.length, length, architecture.width(), states);
  }

  /** Brings a tensor to the caller, as float32, and closes it. */
  private float[] export(PtNDArray tensor) {
    try (tensor;
        Arguments arguments = engine.tools().arguments()) {
      return engine.tools().floats("export", arguments.tensor(tensor));
    }
  }

  private long[] check(int[][] tokens) {
    int length = tokens.length == 0 ? 0 : tokens[0].length;
    if (length < 1 || length > architecture.positions()) {
      throw new IllegalArgumentException(
          "%d texts of %d tokens cannot be encoded; expected at least one text of 1 to %d tokens."
              .formatted(tokens.length, length, architecture.positions()));
    }
    long[] ids = new long[Math.multiplyExact(tokens.length, length)];
    int next = 0;
    for (int[] text : tokens) {
      if (text.length != length) {
        throw new IllegalArgumentException(
            "Texts of %d and %d tokens cannot be encoded together; pad them to one length."
                .formatted(length, text.length));
      }
      for (int id : text) {
        if (id < 0 || id >= architecture.vocabulary()) {
          throw new IllegalArgumentException(
              "Token id %d is outside the text encoder's vocabulary of %d; the tokenizer belongs to another model."
                  .formatted(id, architecture.vocabulary()));
        }
        ids[next++] = id;
      }
    }
    return ids;
  }
}
