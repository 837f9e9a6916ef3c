package io.github.controlnet.annotators.support;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.github.controlnet.annotator.AnnotatorContext;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Networks that are published as ONNX, run by ONNX Runtime one call at a time. ONNX Runtime is an
 * optional dependency: this class alone names it.
 */
final class OnnxNetworks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OnnxNetworks.class);

  private final String annotator;
  private final AnnotatorContext context;
  private final OrtEnvironment environment;
  private final List<OrtSession> sessions = new ArrayList<>();
  private boolean closed;

  private OnnxNetworks(String annotator, AnnotatorContext context, OrtEnvironment environment) {
    this.annotator = annotator;
    this.context = context;
    this.environment = environment;
  }

  /**
   * Loads ONNX Runtime, if nobody has.
   *
   * @param annotator its name, for messages
   * @param context the device and the threads of the networks
   */
  static OnnxNetworks open(String annotator, AnnotatorContext context) {
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      environment.setTelemetry(false);
      return new OnnxNetworks(annotator, context, environment);
    } catch (OrtException e) {
      throw new AnnotationException(
          "The telemetry of ONNX Runtime could not be switched off: " + e.getMessage(), e);
    }
  }

  private OrtSession.SessionOptions settings() throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    if (context.threads() > 0) {
      options.setIntraOpNumThreads(context.threads());
    }
    if (context.device().type().equals("cuda")) {
      try {
        options.addCUDA(context.device().index());
      } catch (OrtException e) {
        LOG.warn(
            "The annotator \"{}\" runs on the CPU: this ONNX Runtime has no {} ({}); com.microsoft.onnxruntime:onnxruntime_gpu has",
            annotator,
            context.device(),
            e.getMessage());
      }
    }
    return options;
  }

  /**
   * Reads a network.
   *
   * @param file ONNX
   * @param rows of the pictures that it takes
   * @param columns of the pictures that it takes
   * @param outputs how many values it gives
   */
  synchronized LoadedNetwork load(Path file, int rows, int columns, int outputs) {
    if (!Files.isRegularFile(file)) {
      throw new WeightsException(
          "%s does not exist or is no file; the annotator \"%s\" expects a network as ONNX."
              .formatted(file, annotator));
    }
    try (OrtSession.SessionOptions options = settings()) {
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
