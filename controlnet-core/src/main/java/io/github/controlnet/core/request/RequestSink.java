package io.github.controlnet.core.request;

import io.github.controlnet.model.ControlModel;
import java.awt.image.BufferedImage;
import java.util.OptionalInt;

/** Takes the images of a request that is written as JSON. */
public interface RequestSink {
  /**
   * Takes an image.
   *
   * @param path its place in the JSON, such as {@code controls[0].image}
   * @param image the image
   * @return what the JSON is to hold in its place
   */
  String keep(String path, BufferedImage image);

  /**
   * Numbers the control that an input is for.
   *
   * @param control the control that the input names
   * @return its place among the controls of the pipeline; empty where inputs go to them in order
   */
  default OptionalInt place(ControlModel control) {
    return OptionalInt.empty();
  }
}
