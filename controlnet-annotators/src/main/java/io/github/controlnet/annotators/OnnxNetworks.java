package io.github.controlnet.annotators;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.WeightsException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Networks that are published as ONNX, run by ONNX Runtime one call at a time. ONNX Runtime is an
 * optional dependency: this class alone names it.
 */
final class OnnxNetworks implements LoadedNetworks {
  private final String annotator;
  private final OrtEnvironment environment;
  private final List<OrtSession> sessions = new ArrayList<>();
  private boolean closed;

  private OnnxNetworks(String annotator, OrtEnvironment environment) {
    this.annotator = annotator;
    this.environment = environment;
  }

  /**
   * Loads ONNX Runtime, if nobody has.
   *
   * @param annotator its name, for messages
   */
  static OnnxNetworks open(String annotator) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try {
      environment.setTelemetry(false);
    } catch (OrtException e) {
      throw new AnnotationException(
          "The telemetry of ONNX Runtime could not be switched off: " + e.getMessage(), e);
    }
    return new OnnxNetworks(annotator, environment);
  }

  /**
   * Reads a network.
   *
   * @param file ONNX
   * @param rows of the pictures that it takes
   * @param columns of the pictures that it takes
   * @param outputs how many values it gives
   */
  synchronized Networks.Loaded load(Path file, int rows, int columns, int outputs) {
    if (!Files.isRegularFile(file)) {
      throw new WeightsException(
          "%s does not exist or is no file; the annotator \"%s\" expects a network as ONNX."
              .formatted(file, annotator));
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      OrtSession session = environment.createSession(file.toString(), options);
      sessions.add(session);
      requireShape(file, session, rows, columns, outputs);
      // requireShape has seen that it takes nothing else
      return (picture, none) -> run(session, file, picture);
    } catch (OrtException e) {
      throw new WeightsException(
          "%s (%s) is no network that ONNX Runtime can load: %s"
              .formatted(file, annotator, e.getMessage()),
          e);
    }
  }

  private void requireShape(Path file, OrtSession session, int rows, int columns, int outputs)
      throws OrtException {
    long[] wanted = {1, 3, rows, columns};
    List<NodeInfo> inputs = List.copyOf(session.getInputInfo().values());
    boolean fits = inputs.size() == 1 && session.getNumOutputs() == outputs;
    String there = inputs.size() + " inputs";
    if (fits && inputs.get(0).getInfo() instanceof TensorInfo info) {
      long[] shape = info.getShape();
      there = Arrays.toString(shape);
      fits = shape.length == wanted.length;
      for (int i = 0; fits && i < shape.length; i++) {
        fits = shape[i] < 0 || shape[i] == wanted[i]; // negative when any length is taken
      }
    }
    if (!fits) {
      throw new WeightsException(
          "%s (%s) takes %s and gives %d values; expected a network that takes %s and gives %d."
              .formatted(
                  file,
                  annotator,
                  there,
                  session.getNumOutputs(),
                  Arrays.toString(wanted),
                  outputs));
    }
  }

  private synchronized List<FloatTensor> run(OrtSession session, Path file, FloatTensor picture) {
    if (closed) {
      throw new AnnotationException(
          "The annotator \"%s\" is closed; create another.".formatted(annotator));
    }
    try (OnnxTensor input =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(picture.values()), picture.shape());
        OrtSession.Result result =
            session.run(Map.of(session.getInputNames().iterator().next(), input))) {
      List<FloatTensor> outputs = new ArrayList<>();
      for (Map.Entry<String, OnnxValue> output : result) {
        if (!(output.getValue() instanceof OnnxTensor tensor)) {
          throw new WeightsException(
              "The output %s of %s is no tensor.".formatted(output.getKey(), file));
        }
        outputs.add(new FloatTensor(values(tensor), tensor.getInfo().getShape()));
      }
      return outputs;
    } catch (OrtException e) {
      throw new AnnotationException(
          "The annotator \"%s\" could not run %s: %s".formatted(annotator, file, e.getMessage()),
          e);
    }
  }

  private static float[] values(OnnxTensor tensor) {
    FloatBuffer buffer = tensor.getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  @Override
  public synchronized void close() {
    closed = true;
    try {
      for (OrtSession session : sessions) {
        session.close();
      }
    } catch (OrtException e) {
      throw new AnnotationException(
          "The networks of the annotator \"%s\" could not be closed: %s"
              .formatted(annotator, e.getMessage()),
          e);
    } finally {
      sessions.clear();
    }
  }
}
