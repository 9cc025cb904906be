/* Runs a SavedModel with TensorFlow's C API: texts in, an answer and its log-probability out.

   run_saved_model FOLDER TEXT...   prints a line for each text: the answer, a tab, the number. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/tf_tstring.h"

static void check(TF_Status *status, const char *what) {
  if (TF_GetCode(status) != TF_OK) {
    fprintf(stderr, "%s: %s\n", what, TF_Message(status));
    exit(1);
  }
}

static TF_Output output(TF_Graph *graph, const char *operation, int index) {
  TF_Output result = {TF_GraphOperationByName(graph, operation), index};
  if (result.oper == NULL) {
    fprintf(stderr, "no operation %s\n", operation);
    exit(1);
  }
  return result;
}

int main(int count, char **words) {
  if (count < 3) {
    fprintf(stderr, "usage: %s FOLDER TEXT...\n", words[0]);
    return 2;
  }
  int64_t rows = count - 2;
  TF_Status *status = TF_NewStatus();
  TF_Graph *graph = TF_NewGraph();
  TF_SessionOptions *options = TF_NewSessionOptions();
  const char *tags[] = {"serve"};
  TF_Session *session =
      TF_LoadSessionFromSavedModel(options, NULL, words[1], tags, 1, graph, NULL, status);
  check(status, "loading");

  TF_Tensor *texts = TF_AllocateTensor(TF_STRING, &rows, 1, sizeof(TF_TString) * (size_t)rows);
  TF_TString *strings = TF_TensorData(texts);
  for (int64_t i = 0; i < rows; i++) {
    TF_TString_Init(&strings[i]);
    TF_TString_Copy(&strings[i], words[i + 2], strlen(words[i + 2]));
  }
  /* The outputs of a signature are those of its call in alphabetical order: attention, log_prob,
     score, source_length, source_tokens, target_length, target_tokens, text. */
  TF_Output input = output(graph, "serving_default_text", 0);
  TF_Output wanted[] = {output(graph, "StatefulPartitionedCall", 7),
                        output(graph, "StatefulPartitionedCall", 1)};
  TF_Tensor *found[2] = {NULL, NULL};
  TF_SessionRun(session, NULL, &input, &texts, 1, wanted, found, 2, NULL, 0, NULL, status);
  check(status, "running");

  const TF_TString *answers = TF_TensorData(found[0]);
  const float *log_probs = TF_TensorData(found[1]);
  for (int64_t i = 0; i < rows; i++) {
    printf("%.*s\t%.7g\n", (int)TF_TString_GetSize(&answers[i]),
           TF_TString_GetDataPointer(&answers[i]), log_probs[i]);
  }
  for (int64_t i = 0; i < rows; i++) TF_TString_Dealloc(&strings[i]);
  TF_DeleteTensor(found[0]);
  TF_DeleteTensor(found[1]);
  TF_DeleteTensor(texts);
  TF_CloseSession(session, status);
  TF_DeleteSession(session, status);
  TF_DeleteSessionOptions(options);
  TF_DeleteGraph(graph);
  TF_DeleteStatus(status);
  return 0;
}
